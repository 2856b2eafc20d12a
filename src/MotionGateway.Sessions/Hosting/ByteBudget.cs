namespace MotionGateway.Sessions;

/// <summary>The memory of some sessions, an app's or all of a gateway's: their logs and what waits.</summary>
/// <param name="most">Bytes at the most.</param>
/// <param name="counted">Is told what comes and, negative, what goes.</param>
/// <param name="whole">What these bytes count against as well.</param>
internal sealed class ByteBudget(long most, Action<long>? counted = null, ByteBudget? whole = null)
{
    // A session that begins to speak needs some: that much is kept for it.
    private const long BytesToOpen = 1024 * 1024;

    private long _most = most;
    private long _held;

    /// <summary>The smallest bound that makes sense.</summary>
    public const long Least = 2 * BytesToOpen;

    /// <summary>Bytes at the most. What is held beyond them stays.</summary>
    public long Most
    {
        get => Interlocked.Read(ref _most);
        set => Interlocked.Exchange(ref _most, value);
    }

    /// <summary>Bytes held.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>Whether a session may be opened, as far as these bytes go.</summary>
    public bool MayOpen => Held + BytesToOpen <= Most;

    /// <summary>Counts bytes; fewer where negative.</summary>
    public void Add(long bytes)
    {
        if (bytes != 0)
        {
            Interlocked.Add(ref _held, bytes);
            counted?.Invoke(bytes);
            whole?.Add(bytes);
        }
    }

    /// <summary>A credit, less where memory is short: an eighth of what is left, since others need some as well.</summary>
    /// <param name="credit">Bytes by the session's own bounds.</param>
    /// <param name="least">Bytes that it has in any event.</param>
    public long Limit(long credit, long least)
    {
        long limited = Math.Min(credit, Math.Max(least, (Most - Held) / 8));
        return whole?.Limit(limited, least) ?? limited;
    }
}
