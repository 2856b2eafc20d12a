using System.Numerics;

namespace MotionGateway.Feeds;

/// <summary>
/// Memory for media: slabs that are rented, and come back when the last who holds them lets go. What lives for a minute and then goes
/// is no garbage here, and is never moved. Thread-safe.
/// </summary>
/// <param name="maxIdleBytes">Bytes that are kept for the next who rents; what comes back beyond is let go of.</param>
/// <param name="isPoisoning">Whether what comes back is overwritten, so that whoever still reads it finds nonsense.</param>
public sealed class SlabPool(long maxIdleBytes = SlabPool.DefaultMaxIdleBytes, bool isPoisoning = false)
{
    /// <summary>Bytes of the smallest slab: what a session that has said little holds.</summary>
    public const int SmallestBytes = 4 * 1024;

    /// <summary>Bytes of the largest slab; what is larger is no slab's.</summary>
    public const int LargestBytes = 64 * 1024;

    /// <summary>What slabs that have come back are overwritten with, where they are.</summary>
    public const byte Poison = 0xDB;

    // A few seconds of some hundred sessions' media: as much as comes while as much goes.
    private const long DefaultMaxIdleBytes = 32 * 1024 * 1024;

    private readonly Lock _lock = new();

    // Guarded by _lock. One for each size, from the smallest on, each twice the one before.
    private readonly Stack<byte[]>[] _idle =
        [.. Enumerable.Range(0, PlaceOf(LargestBytes) + 1).Select(static _ => new Stack<byte[]>())];

    private long _idleBytes;

    /// <summary>The process's. Tests switch poisoning on by the switch <c>MotionGateway.Feeds.PoisonSlabs</c>.</summary>
    public static SlabPool Shared { get; } =
        new(isPoisoning: AppContext.TryGetSwitch("MotionGateway.Feeds.PoisonSlabs", out bool isOn) && isOn);

    /// <summary>Bytes that nobody uses at present, and that are kept for the next who rents.</summary>
    public long IdleBytes
    {
        get
        {
            lock (_lock)
            {
                return _idleBytes;
            }
        }
    }

    /// <summary>Rents a slab. What is in it is anything.</summary>
    /// <param name="atLeast">Bytes that it has at least.</param>
    /// <returns>The slab, held once by the caller. One larger than <see cref="LargestBytes"/> is of no pool.</returns>
    public Slab Rent(int atLeast)
    {
        if (atLeast > LargestBytes)
        {
            return Slab.Of(GC.AllocateUninitializedArray<byte>(atLeast));
        }

        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(atLeast, SmallestBytes));
        lock (_lock)
        {
            if (_idle[PlaceOf(size)].TryPop(out byte[]? bytes))
            {
                _idleBytes -= size;
                return new Slab(this, bytes);
            }
        }

        return new Slab(this, GC.AllocateUninitializedArray<byte>(size, pinned: true));
    }

    /// <summary>Takes back what a slab had. Called once by each slab.</summary>
    internal void Return(byte[] bytes)
    {
        if (isPoisoning)
        {
            Array.Fill(bytes, Poison);
        }

        lock (_lock)
        {
            if (_idleBytes + bytes.Length <= maxIdleBytes)
            {
                _idleBytes += bytes.Length;
                _idle[PlaceOf(bytes.Length)].Push(bytes);
            }
        }
    }

    private static int PlaceOf(int size) => BitOperations.Log2((uint)size / SmallestBytes);
}
