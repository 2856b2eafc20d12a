using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>What the schedules have come across: a checker that meets nothing finds nothing.</summary>
internal sealed class Coverage
{
    private readonly SortedDictionary<string, int> _seen = new(StringComparer.Ordinal);

    public int this[string what] => _seen.GetValueOrDefault(what);

    public void Note(string what) => _seen[what] = this[what] + 1;

    public void Note(TurnOutcome outcome, int recoveries)
    {
        Note(outcome.ToString());
        if (outcome == TurnOutcome.Completed && recoveries > 0)
        {
            Note("Recovered");
        }
    }

    public void Add(Coverage other)
    {
        foreach (var (what, count) in other._seen)
        {
            _seen[what] = this[what] + count;
        }
    }

    public override string ToString() => string.Join(", ", _seen.Select(seen => $"{seen.Key} {seen.Value}"));
}
