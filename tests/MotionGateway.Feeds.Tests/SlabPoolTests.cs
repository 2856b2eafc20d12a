namespace MotionGateway.Feeds.Tests;

public sealed class SlabPoolTests
{
    private readonly SlabPool _pool = new(maxIdleBytes: 3 * SlabPool.SmallestBytes, isPoisoning: true);

    [Theory]
    [InlineData(1, SlabPool.SmallestBytes)]
    [InlineData(SlabPool.SmallestBytes, SlabPool.SmallestBytes)]
    [InlineData(SlabPool.SmallestBytes + 1, 2 * SlabPool.SmallestBytes)]
    [InlineData(SlabPool.LargestBytes - 1, SlabPool.LargestBytes)]
    [InlineData(SlabPool.LargestBytes + 1, SlabPool.LargestBytes + 1)]
    public void Rent_ASize_IsAtLeastThat(int asked, int given) => Assert.Equal(given, _pool.Rent(asked).Bytes.Length);

    [Fact]
    public void Release_ByTheLastWhoHoldsIt_GivesTheMemoryBackOnce()
    {
        var slab = _pool.Rent(100);
        byte[] bytes = slab.Bytes;
        slab.Hold();
        slab.Release();
        Assert.Equal((0, bytes), (_pool.IdleBytes, slab.Bytes));

        slab.Release();

        Assert.Equal(SlabPool.SmallestBytes, _pool.IdleBytes);
        Assert.All(bytes, b => Assert.Equal(SlabPool.Poison, b));
        Assert.Throws<InvalidOperationException>(slab.Release);
        Assert.Equal(SlabPool.SmallestBytes, _pool.IdleBytes);
    }

    [Fact]
    public void Slab_ThatHasGoneBack_ReachesTheMemoryOfTheNextNoMore()
    {
        var old = _pool.Rent(100);
        byte[] bytes = old.Bytes;
        old.Release();
        var next = _pool.Rent(100);

        Assert.Same(bytes, next.Bytes);
        Assert.Equal(0, _pool.IdleBytes);
        Assert.Throws<ObjectDisposedException>(() => old.Bytes);
        Assert.Throws<ObjectDisposedException>(old.Hold);
        Assert.Throws<ObjectDisposedException>(old.Hold);
    }

    [Fact]
    public void Release_OfMoreThanIsKept_LetsGoOfTheRest()
    {
        var slabs = Enumerable.Range(0, 5).Select(_ => _pool.Rent(100)).ToList();
        slabs.ForEach(slab => slab.Release());

        Assert.Equal(3 * SlabPool.SmallestBytes, _pool.IdleBytes);
    }

    [Fact]
    public void Slab_LargerThanThePoolHas_IsNotKept()
    {
        var slab = _pool.Rent(SlabPool.LargestBytes + 1);
        slab.Release();

        Assert.Equal(0, _pool.IdleBytes);
        Assert.Equal(SlabPool.LargestBytes + 1, slab.Bytes.Length);
    }

    [Fact]
    public async Task RentAndRelease_FromManyThreads_NoMemoryIsGivenToTwo()
    {
        var threads = Enumerable.Range(1, 4).Select(id => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                var slab = _pool.Rent(1);
                slab.Bytes[0] = (byte)id;
                slab.Hold();
                slab.Release();
                Assert.Equal((byte)id, slab.Bytes[0]);
                slab.Release();
            }
        }));
        await Task.WhenAll(threads);

        Assert.InRange(_pool.IdleBytes, SlabPool.SmallestBytes, 3 * SlabPool.SmallestBytes);
    }
}
