namespace MotionGateway.Feeds;

/// <summary>Sequences from <paramref name="From"/> to <paramref name="Through"/>, both included.</summary>
/// <param name="From">The first sequence.</param>
/// <param name="Through">The last sequence.</param>
public readonly record struct SequenceSpan(long From, long Through)
{
    /// <summary>Whether all of <paramref name="other"/> lies within this span.</summary>
    public bool Covers(SequenceSpan other) => From <= other.From && other.Through <= Through;
}
