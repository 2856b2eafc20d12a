namespace MotionGateway.Feeds;

/// <summary>
/// A piece of memory in which payloads stand. Whoever uses its bytes holds it; when the last one lets go, the memory goes back to its
/// pool, from there to another session, and can no longer be reached by this object: there is a new one for each time it is rented.
/// </summary>
/// <remarks>
/// Thread-safe. Only who holds it, or knows of one who does meanwhile, may have another hold it: so the count never rises from nothing.
/// </remarks>
public sealed class Slab
{
    private readonly SlabPool? _pool;
    private byte[]? _bytes;
    private int _holders = 1;

    internal Slab(SlabPool? pool, byte[] bytes)
    {
        _pool = pool;
        _bytes = bytes;
    }

    /// <summary>Its bytes, to be written where nobody reads yet.</summary>
    /// <exception cref="ObjectDisposedException">It has gone back.</exception>
    public byte[] Bytes => _bytes ?? throw new ObjectDisposedException(nameof(Slab), "Nobody held the slab: its memory has gone back.");

    /// <summary>Memory of nobody's pool: it is there as long as it can be reached, whoever holds it.</summary>
    /// <param name="bytes">The memory.</param>
    public static Slab Of(byte[] bytes) => new(pool: null, bytes);

    /// <summary>It is used by one more.</summary>
    /// <exception cref="ObjectDisposedException">It has gone back: the caller knew of nobody who held it.</exception>
    public void Hold()
    {
        if (_pool is not null && Interlocked.Increment(ref _holders) <= 1)
        {
            Interlocked.Decrement(ref _holders);
            throw new ObjectDisposedException(nameof(Slab), "Nobody held the slab: its memory has gone back.");
        }
    }

    /// <summary>It is used by one less. Each who held it does this once.</summary>
    /// <exception cref="InvalidOperationException">Nobody held it.</exception>
    public void Release()
    {
        if (_pool is null)
        {
            return;
        }

        int holders = Interlocked.Decrement(ref _holders);
        if (holders < 0)
        {
            throw new InvalidOperationException("A slab was let go of more often than it was held.");
        }

        if (holders == 0)
        {
            byte[] bytes = _bytes!;
            _bytes = null;
            _pool.Return(bytes);
        }
    }
}
