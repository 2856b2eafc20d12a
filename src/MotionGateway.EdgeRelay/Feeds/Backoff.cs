namespace MotionGateway.EdgeRelay;

/// <summary>Growing pauses between attempts: doubling up to a bound, the second half left to chance.</summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private int _attempts;

    public void Reset() => _attempts = 0;

    public TimeSpan Next(TimeSpan? atLeast = null)
    {
        var full = TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(_attempts++, 10)));
        var pause = full * (0.5 + (Random.Shared.NextDouble() / 2));
        return atLeast is { } floor && floor > pause ? TimeSpan.FromTicks(Math.Min(floor.Ticks, Longest.Ticks)) : pause;
    }
}
