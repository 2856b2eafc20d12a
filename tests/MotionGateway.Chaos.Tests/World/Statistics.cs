using System.Collections.Concurrent;
using MotionGateway.Chaos.Tests.Checking;
using MotionGateway.Chaos.Tests.Reading;
using MotionGateway.Chaos.Tests.Speaking;

namespace MotionGateway.Chaos.Tests.World;

/// <summary>What a run has seen, so that one that sees nothing is noticed.</summary>
internal sealed class Statistics
{
    private readonly ConcurrentDictionary<string, long> _counts = new();

    public long this[string what] => _counts.GetValueOrDefault(what);

    public void Count(string what, long by = 1) => _counts.AddOrUpdate(what, by, (_, count) => count + by);

    public void Add(ChaosSpeaker speaker, IReadOnlyList<ChaosReader> readers, SessionCheck check)
    {
        Count("sessions");
        Count("resumes of speakers", speaker.Resumes);
        Count("failures told", speaker.Failures.Count);
        Count("stops of reading", speaker.Stops);
        Count("feeds", readers.Sum(reader => reader.Feeds));
        Count("misplaced keyframes in turns that are not complete", check.MisplacedElsewhere);
        foreach (var ended in check.Ends.Values)
        {
            Count($"turns {ended.Outcome} {(ended.Error == V1.ErrorReason.Unspecified ? "" : ended.Error)}".TrimEnd());
        }

        foreach (var report in speaker.Turns.Select(turn => turn.Report).OfType<V1.TurnReport>())
        {
            Count("recoveries", report.Recoveries);
            Count("turns recovered whole", report is { Outcome: V1.TurnOutcome.Completed, Recoveries: > 0 } ? 1 : 0);
        }
    }

    public override string ToString() => string.Join(", ", _counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Value} {count.Key}"));
}
