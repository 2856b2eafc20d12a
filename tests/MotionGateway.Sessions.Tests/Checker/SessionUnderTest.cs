using MotionGateway.Feeds;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

internal enum EffectKind
{
    Send,
    Abandon,
    Stall,
    Acknowledge,
    Report,
    TurnEnd,
    SessionEnd,
}

/// <summary>Something that the session wanted done.</summary>
internal readonly record struct Effect(EffectKind Kind, string Id, long Number = 0, long Second = 0, bool Flag = false);

/// <summary>A session with its log, and all that it wanted done since it was last asked.</summary>
internal sealed class SessionUnderTest : ISessionEffects
{
    private int _requests;

    public SessionUnderTest(SessionSettings settings, SessionLimits limits, ManualTimeProvider time)
    {
        Log = new SessionLog(new LogPosition(3, 0), limits.Log, time);
        Core = new SessionCore(settings, limits, Log, this, time, () => $"req-{++_requests}");
    }

    public SessionLog Log { get; }

    public SessionCore Core { get; }

    public List<Effect> Effects { get; } = [];

    public List<ReadOnlyMemory<byte>> Sent { get; } = [];

    public Dictionary<string, SpeechTurn> TurnsByRequest { get; } = [];

    public void SendAudio(SpeechTurn turn, ReadOnlyMemory<byte> samples, bool end)
    {
        TurnsByRequest.TryAdd(turn.RequestId, turn);
        Sent.Add(samples);
        Effects.Add(new Effect(EffectKind.Send, turn.RequestId, samples.Length, Flag: end));
    }

    public void AbandonRequest(SpeechTurn turn) => Effects.Add(new Effect(EffectKind.Abandon, turn.RequestId));

    public void MotionStalled(SpeechTurn turn) => Effects.Add(new Effect(EffectKind.Stall, turn.Id));

    public void AcknowledgeAudio(string turnId, long bytes, long discardedBytes) =>
        Effects.Add(new Effect(EffectKind.Acknowledge, turnId, bytes, discardedBytes));

    public void ReportTurn(SpeechTurn turn) => Effects.Add(new Effect(EffectKind.Report, turn.Id));

    public void TurnEnded(SpeechTurn turn, SequenceSpan? discarded) =>
        Effects.Add(new Effect(EffectKind.TurnEnd, turn.Id, discarded?.From ?? 0, discarded?.Through ?? 0));

    public void SessionEnded(ErrorReason error, string reason) =>
        Effects.Add(new Effect(EffectKind.SessionEnd, reason, (long)error));
}
