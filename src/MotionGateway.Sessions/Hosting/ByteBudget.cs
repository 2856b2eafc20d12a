namespace MotionGateway.Sessions;

/// <summary>The memory of all sessions of a gateway: their logs and what waits.</summary>
/// <param name="most">Bytes at the most.</param>
/// <param name="metrics">Shows what is held.</param>
internal sealed class ByteBudget(long most, SessionMetrics metrics)
{
    // A session that begins to speak needs some: that much is kept for it.
    private const long BytesToOpen = 1024 * 1024;

    private long _held;

    /// <summary>Bytes held.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>Whether a session may be opened.</summary>
    public bool MayOpen => Held + BytesToOpen <= most;

    /// <summary>Counts bytes; fewer where negative.</summary>
    public void Add(long bytes)
    {
        if (bytes != 0)
        {
            Interlocked.Add(ref _held, bytes);
            metrics.Held(bytes);
        }
    }

    /// <summary>A credit, less where memory is short: an eighth of what is left, since others need some as well.</summary>
    /// <param name="credit">Bytes by the session's own bounds.</param>
    /// <param name="least">Bytes that it has in any event.</param>
    public long Limit(long credit, long least) => Math.Min(credit, Math.Max(least, (most - Held) / 8));
}
