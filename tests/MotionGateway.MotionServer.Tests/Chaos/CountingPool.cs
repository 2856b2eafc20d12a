using System.Buffers;
using System.Collections.Concurrent;

namespace MotionGateway.MotionServer.Tests.Chaos;

/// <summary>The shared pool with a list of who owes it what. A buffer is rented once until it is returned, and returned once.</summary>
internal sealed class CountingPool : ArrayPool<byte>
{
    private readonly ConcurrentDictionary<byte[], bool> _out = new(ReferenceEqualityComparer.Instance);
    private long _rented;
    private long _wrongReturns;

    public long Rented => Interlocked.Read(ref _rented);

    public int Outstanding => _out.Count;

    /// <summary>Buffers returned twice, or never rented here.</summary>
    public long WrongReturns => Interlocked.Read(ref _wrongReturns);

    public override byte[] Rent(int minimumLength)
    {
        byte[] buffer = Shared.Rent(minimumLength);
        Interlocked.Increment(ref _rented);
        _out[buffer] = true;
        return buffer;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        if (!_out.TryRemove(array, out _))
        {
            Interlocked.Increment(ref _wrongReturns);
            return;
        }

        Shared.Return(array, clearArray);
    }
}
