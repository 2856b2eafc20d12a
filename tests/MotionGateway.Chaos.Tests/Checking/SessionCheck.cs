using MotionGateway.Chaos.Tests.Oracle;
using MotionGateway.Chaos.Tests.Speaking;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Checking;

/// <summary>What a whole session must be, once it is over: its log, its turns, and what its speaker was told of them.</summary>
internal sealed class SessionCheck(Promises promises, string who, SessionView view, IReadOnlyList<SpokenTurn> turns, MadeMotion made)
{
    private readonly Dictionary<string, TurnCheck> _checks = [];
    private readonly HashSet<string> _holed = [];

    public required int SampleRate { get; init; }

    public required TurnRelease TurnRelease { get; init; }

    /// <summary>Faults that may have struck the session's connections.</summary>
    public required IReadOnlyCollection<string> Faults { get; init; }

    /// <summary>Why the session ended; null: its end was not seen.</summary>
    public SessionEnded? SessionEnded { get; private set; }

    /// <summary>Keyframes of turns that are not called complete and that are not at their place.</summary>
    public int MisplacedElsewhere { get; private set; }

    /// <summary>The turns' ends.</summary>
    public IReadOnlyDictionary<string, TurnEnded> Ends =>
        _checks.Where(check => check.Value.Ended is not null).ToDictionary(check => check.Key, check => check.Value.Ended!);

    public void Run()
    {
        var undeclared = view.Undeclared();
        promises.Require(undeclared.Count == 0, who, () => $"nobody saw sequences {string.Join(' ', undeclared.Take(10))}, and nothing declares them");
        var payloads = view.Payloads;
        promises.Require(payloads.All(payload => payload.Epoch == payloads[0].Epoch), who, () => "more than one epoch");
        CheckOrder(payloads);
        Take(payloads);
        promises.Require(payloads[^1].SessionEnded is not null, who, () => $"the log ends with {payloads[^1].ContentCase}");
        foreach (var (id, check) in _checks)
        {
            check.Finish(!_holed.Contains(id), MayMisplace("reordered"), MayMisplace("missing", "truncated"), MayMisplace("missing"));
            MisplacedElsewhere += check.Ended?.Outcome == TurnOutcome.Completed ? 0 : check.Misplaced;
            CheckReport(id, check);
        }
    }

    // What is declared and nobody saw may lie within a turn: what of its media comes behind has no place any more.
    private void Take(IReadOnlyList<Payload> payloads)
    {
        long last = 0;
        foreach (var payload in payloads)
        {
            if (payload.Sequence > last + 1)
            {
                _holed.UnionWith(_checks.Where(check => check.Value.Ended is null).Select(check => check.Key));
            }

            last = payload.Sequence;
            SessionEnded = payload.SessionEnded ?? SessionEnded;
            bool isMedia = payload.Audio is not null || payload.Motion is not null;
            if (payload.TurnId.Length > 0 && !(isMedia && _holed.Contains(payload.TurnId)))
            {
                Find(payload.TurnId)?.Take(payload);
            }
        }
    }

    private bool MayMisplace(params string[] kinds) =>
        Faults.Any(fault => Array.Exists(kinds, kind => fault == $"fault-{kind}-motion"));

    private TurnCheck? Find(string turnId)
    {
        if (_checks.TryGetValue(turnId, out var check))
        {
            return check;
        }

        if (turns.FirstOrDefault(turn => turn.Id == turnId) is not { } spoken)
        {
            promises.Break(who, $"turn '{turnId}' was never spoken");
            return null;
        }

        return _checks[turnId] = new TurnCheck(promises, who, SampleRate, spoken, made);
    }

    // Turns are numbered, and begin in the order in which they were spoken, each when the one before has ended or is sealed. One that is
    // interrupted before anything of it is released begins and ends at once, wherever that is.
    private void CheckOrder(IReadOnlyList<Payload> payloads)
    {
        var silent = payloads.Zip(payloads.Skip(1))
            .Where(pair => pair.First.TurnStarted is not null && pair.Second.TurnEnded is not null && pair.First.TurnId == pair.Second.TurnId)
            .Select(pair => pair.First.TurnId)
            .ToHashSet();
        long ordinal = 0;
        var open = new List<string>();
        var order = new List<string>();
        foreach (var payload in payloads.Where(payload => !silent.Contains(payload.TurnId)))
        {
            if (payload.TurnStarted is { } started)
            {
                promises.Require(started.Ordinal > ordinal, who, () => $"turn {started.Ordinal} after {ordinal}");
                ordinal = started.Ordinal;
                promises.Require(open.Count == 0, who, () => $"turn '{payload.TurnId}' begins during '{open[0]}'");
                open.Add(payload.TurnId);
                order.Add(payload.TurnId);
            }
            else if (payload.TurnEnded is not null || (payload.TurnSealed is not null && TurnRelease == TurnRelease.AtOnce))
            {
                open.Remove(payload.TurnId);
            }
        }

        var spoken = turns.Select(turn => turn.Id).Where(order.Contains).ToList();
        promises.Require(order.SequenceEqual(spoken), who, () => $"turns begin as {string.Join(' ', order)}, and were spoken as {string.Join(' ', spoken)}");
    }

    private void CheckReport(string turnId, TurnCheck check)
    {
        var report = turns.First(turn => turn.Id == turnId).Report;
        if (report is null || check.Ended is not { } ended)
        {
            return;
        }

        promises.Require(
            (report.Outcome, report.Error, report.PlayedSamples) == (ended.Outcome, ended.Error, ended.PlayedSamples), who,
            () => $"turn '{turnId}' is reported as {report}, and ended {ended}");
        promises.Require(
            ended.Outcome == TurnOutcome.Interrupted || report.KeyframeCount == check.Keyframes, who,
            () => $"turn '{turnId}' is reported with {report.KeyframeCount} keyframes, and has {check.Keyframes}");
    }
}
