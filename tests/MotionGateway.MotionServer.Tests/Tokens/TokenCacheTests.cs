using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Tokens;

/// <summary>The cache alone, on a clock of its own: tokens live 10 minutes, a step takes up to 10 seconds.</summary>
public sealed class TokenCacheTests : IDisposable
{
    // Two steps' time must be left to hand a token out; the next one is fetched one step's time earlier.
    private static readonly TimeSpan UsableFor = TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReplacedAfter = UsableFor - TimeSpan.FromSeconds(10);

    private readonly TokenRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Take_NothingAhead_IsNothing()
    {
        await using TokenCache cache = _rig.Cache();

        Assert.Null(cache.Take());
        Assert.Equal(0, _rig.Fetched);
    }

    [Fact]
    public async Task Take_FromTheFirstDemandOn_HandsOutEachTokenOnce()
    {
        await using TokenCache cache = _rig.Cache(options => options.TokensAhead = 3);
        Assert.Equal(0, _rig.Fetched);

        Assert.Null(cache.Take());
        await Eventually.TrueAsync(() => cache.Count == 3);
        List<string> taken = [];
        for (int i = 0; i < 3; i++)
        {
            taken.Add(cache.Take()!.Value);
        }

        Assert.Equal(["t1", "t2", "t3"], taken);
        await Eventually.TrueAsync(() => cache.Count == 3);
        Assert.Equal(6, _rig.Fetched);
    }

    [Fact]
    public async Task Take_ManyAtOnce_NeverHandsOutATokenTwice()
    {
        await using TokenCache cache = _rig.Cache(options => options.TokensAhead = 16);
        System.Collections.Concurrent.ConcurrentBag<string> taken = [];

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                taken.Add((cache.Take() ?? await _rig.Target().FetchTokenAsync(default)).Value);
            }
        }))).DefaultTimeout();

        Assert.Equal(400, taken.Count);
        Assert.Equal(400, taken.Distinct().Count());
    }

    [Fact]
    public async Task Take_TokenTooNearItsEnd_IsThrownAway()
    {
        await using TokenCache cache = _rig.Cache();
        await cache.EnsureAsync(_rig.Target(), default);

        _rig.Time.Advance(UsableFor - TimeSpan.FromSeconds(1));
        Assert.Equal(1, cache.Count);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(0, cache.Count);
        Assert.Null(cache.Take());
    }

    [Fact]
    public async Task Cache_BeforeTokensExpire_ReplacesThemWithoutAGap()
    {
        await using TokenCache cache = _rig.Cache(options => options.TokensAhead = 2);
        cache.Take();
        await _rig.IdleAsync(cache, 2);

        _rig.Time.Advance(ReplacedAfter - TimeSpan.FromSeconds(1));
        Assert.Equal(2, _rig.Fetched);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => _rig.Fetched == 4);
        _rig.Time.Advance(UsableFor - ReplacedAfter - TimeSpan.FromSeconds(1));
        await _rig.IdleAsync(cache, 2);

        Assert.Equal(["t3", "t4"], new[] { cache.Take()!.Value, cache.Take()!.Value });
    }

    [Fact]
    public async Task EnsureAsync_TokenThere_FetchesNone()
    {
        await using TokenCache cache = _rig.Cache();

        await cache.EnsureAsync(_rig.Target(), default);
        await cache.EnsureAsync(_rig.Target(), default);

        Assert.Equal((1, 1), (_rig.Fetched, cache.Count));
        Assert.Equal("t1", cache.Take()!.Value);
        Assert.Null(cache.Take());
    }
}
