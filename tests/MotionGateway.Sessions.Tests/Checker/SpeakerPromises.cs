using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>What is promised to the speaker: each byte is acknowledged once, each turn reported once, over any number of calls.</summary>
internal sealed class SpeakerPromises(SimulatedSession simulation, LogPromises log, Coverage coverage)
{
    private readonly Dictionary<string, AudioAcknowledged> _acknowledged = [];
    private readonly Dictionary<string, TurnReport> _reports = [];
    private readonly Dictionary<string, long> _sent = [];
    private long _position;

    /// <summary>Counts bytes that were sent.</summary>
    /// <param name="name">Under which name.</param>
    /// <param name="bytes">How many.</param>
    public void OnSent(string name, int bytes) => _sent[name] = _sent.GetValueOrDefault(name) + bytes;

    /// <summary>Bytes that were sent under a name.</summary>
    public long SentOf(string name) => _sent.GetValueOrDefault(name);

    /// <summary>Reads what is new.</summary>
    public void Observe()
    {
        long before = _position;
        while (simulation.Session.TryReadLedger(ref _position, out var response))
        {
            Demand(response!.LedgerPosition == _position && _position > before, "Ledger positions do not rise.");
            before = _position;
            if (response.AudioAcknowledged is { } acknowledged)
            {
                Take(acknowledged);
            }
            else if (response.TurnReport is { } report)
            {
                Demand(_reports.TryAdd(report.TurnId, report), $"Turn {report.TurnId} is reported twice.");
                coverage.Note(report.Outcome == TurnOutcome.Completed && report.Recoveries > 0 ? "Recovered" : "Report");
            }
            else
            {
                coverage.Note("Failure");
            }
        }
    }

    /// <summary>All must be told now.</summary>
    public void End()
    {
        long sent = _sent.Values.Sum();
        long acknowledged = _acknowledged.Values.Sum(told => told.Bytes);
        Demand(sent == acknowledged, $"{sent} bytes were sent, {acknowledged} are acknowledged.");
        foreach (var (name, bytes) in _sent.Where(sent => sent.Key.Length > 0))
        {
            Demand(bytes == 0 || _acknowledged.GetValueOrDefault(name)?.Bytes == bytes, $"Of {name}, {bytes} bytes were sent and others acknowledged.");
        }

        Demand(simulation.Session.Snapshot().WaitingBytes == 0, "The credit does not come back.");
        foreach (var turn in log.Turns.Where(turn => !ChaosPlan.IsTone(turn.Id)))
        {
            Demand(_reports.TryGetValue(turn.Id, out var report), $"Turn {turn.Id} is not reported.");
            Demand(
                report!.Outcome == turn.Ended!.Outcome && report.Error == turn.Ended.Error && report.PlayedSamples == turn.Ended.PlayedSamples
                && report.KeyframeCount == turn.Keyframes.Count,
                $"Turn {turn.Id} is reported otherwise than the log tells.");
        }
    }

    private static void Demand(bool isKept, string promise)
    {
        if (!isKept)
        {
            throw new PromiseBrokenException(promise);
        }
    }

    private void Take(AudioAcknowledged told)
    {
        var before = _acknowledged.GetValueOrDefault(told.TurnId);
        Demand(before is null || told.Bytes >= before.Bytes, $"Acknowledged bytes of {told.TurnId} fall from {before?.Bytes} to {told.Bytes}.");
        Demand(told.DiscardedBytes <= told.Bytes, "More is discarded than acknowledged.");
        Demand(told.DiscardedBytes >= (before?.DiscardedBytes ?? 0), "Discarded bytes fall.");
        if (_sent.TryGetValue(told.TurnId, out long sent))
        {
            Demand(told.Bytes <= sent, $"More of {told.TurnId} is acknowledged than was sent.");
        }

        _acknowledged[told.TurnId] = told;
    }
}
