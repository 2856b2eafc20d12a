using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>What schedules came across: a check that never meets its case checks nothing.</summary>
internal sealed class Coverage
{
    public long Completed { get; private set; }

    public long AudioOnly { get; private set; }

    public long Interrupted { get; private set; }

    public long Failed { get; private set; }

    public long TrimmedLogs { get; private set; }

    public long Payloads { get; private set; }

    public long Refusals { get; set; }

    public long Discards { get; set; }

    public long Skips { get; set; }

    public void Count(ReferenceSession session, ReferenceLog log)
    {
        Completed += session.All.Count(turn => turn.Outcome == TurnOutcome.Completed);
        AudioOnly += session.All.Count(turn => turn.Outcome == TurnOutcome.AudioOnly);
        Interrupted += session.All.Count(turn => turn.Outcome == TurnOutcome.Interrupted);
        Failed += session.All.Count(turn => turn.Outcome == TurnOutcome.Failed);
        TrimmedLogs += log.First > 1 ? 1 : 0;
        Payloads += log.Last;
    }

    public void Add(Coverage other)
    {
        Completed += other.Completed;
        AudioOnly += other.AudioOnly;
        Interrupted += other.Interrupted;
        Failed += other.Failed;
        TrimmedLogs += other.TrimmedLogs;
        Payloads += other.Payloads;
        Refusals += other.Refusals;
        Discards += other.Discards;
        Skips += other.Skips;
    }

    public override string ToString() =>
        $"completed {Completed}, audio only {AudioOnly}, interrupted {Interrupted}, failed {Failed}, trimmed logs "
        + $"{TrimmedLogs}, payloads {Payloads}, refusals {Refusals}, discards {Discards}, skips {Skips}";
}
