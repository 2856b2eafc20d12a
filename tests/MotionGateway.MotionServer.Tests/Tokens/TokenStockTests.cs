using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Tokens;

/// <summary>The stock alone, on a clock of its own: tokens live 10 minutes, a step takes up to 10 seconds.</summary>
public sealed class TokenStockTests : IDisposable
{
    // Two steps' time must be left to hand a token out; the next one is fetched one step's time earlier.
    private static readonly TimeSpan UsableFor = TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReplacedAfter = UsableFor - TimeSpan.FromSeconds(10);

    private readonly StockRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Take_NothingAhead_IsNothing()
    {
        await using TokenStock stock = _rig.Stock();

        Assert.Null(stock.Take());
        Assert.Equal(0, _rig.Fetched);
    }

    [Fact]
    public async Task Take_FromTheFirstDemandOn_HandsOutEachTokenOnce()
    {
        await using TokenStock stock = _rig.Stock(options => options.TokensAhead = 3);
        Assert.Equal(0, _rig.Fetched);

        Assert.Null(stock.Take());
        await Eventually.TrueAsync(() => stock.Count == 3);
        List<string> taken = [];
        for (int i = 0; i < 3; i++)
        {
            taken.Add(stock.Take()!.Value);
        }

        Assert.Equal(["t1", "t2", "t3"], taken);
        await Eventually.TrueAsync(() => stock.Count == 3);
        Assert.Equal(6, _rig.Fetched);
    }

    [Fact]
    public async Task Take_ManyAtOnce_NeverHandsOutATokenTwice()
    {
        await using TokenStock stock = _rig.Stock(options => options.TokensAhead = 16);
        System.Collections.Concurrent.ConcurrentBag<string> taken = [];

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                taken.Add((stock.Take() ?? await stock.FetchAsync(_rig.Target(), default)).Value);
            }
        }))).DefaultTimeout();

        Assert.Equal(400, taken.Count);
        Assert.Equal(400, taken.Distinct().Count());
    }

    [Fact]
    public async Task Take_TokenTooNearItsEnd_IsThrownAway()
    {
        await using TokenStock stock = _rig.Stock();
        await stock.EnsureAsync(_rig.Target(), default);

        _rig.Time.Advance(UsableFor - TimeSpan.FromSeconds(1));
        Assert.Equal(1, stock.Count);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(0, stock.Count);
        Assert.Null(stock.Take());
    }

    [Fact]
    public async Task Stock_BeforeTokensExpire_ReplacesThemWithoutAGap()
    {
        await using TokenStock stock = _rig.Stock(options => options.TokensAhead = 2);
        stock.Take();
        await _rig.IdleAsync(stock, 2);

        _rig.Time.Advance(ReplacedAfter - TimeSpan.FromSeconds(1));
        Assert.Equal(2, _rig.Fetched);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => _rig.Fetched == 4);
        _rig.Time.Advance(UsableFor - ReplacedAfter - TimeSpan.FromSeconds(1));
        await _rig.IdleAsync(stock, 2);

        Assert.Equal(["t3", "t4"], new[] { stock.Take()!.Value, stock.Take()!.Value });
    }

    [Fact]
    public async Task Stock_OneSharedToken_IsHandedOutUntilItsReplacementIsThere()
    {
        await using TokenStock stock = _rig.Stock(options => (options.TokensAhead, options.ReuseTokens) = (1, true));
        stock.Take();
        await _rig.IdleAsync(stock, 1);
        Assert.Equal(["t1", "t1", "t1"], Enumerable.Range(0, 3).Select(_ => stock.Take()!.Value));

        _rig.Time.Advance(ReplacedAfter - TimeSpan.FromSeconds(1));
        Assert.Equal((1, "t1"), (_rig.Fetched, stock.Take()!.Value));
        await _rig.Time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => stock.Take()!.Value == "t2");

        Assert.Equal(2, _rig.Fetched);
        Assert.InRange(_rig.Time.Elapsed, ReplacedAfter, UsableFor);
    }

    [Fact]
    public async Task FetchAsync_SharedToken_IsFetchedOnceForAllWhoWait()
    {
        TaskCompletionSource<HttpResponseMessage> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _rig.Answer = token => answer.Task.WaitAsync(token);
        await using TokenStock stock = _rig.Stock(options => options.ReuseTokens = true);
        using CancellationTokenSource cancel = new();

        Task<SessionToken> first = stock.FetchAsync(_rig.Target(), cancel.Token);
        Task<SessionToken>[] others = [.. Enumerable.Range(0, 10).Select(_ => stock.FetchAsync(_rig.Target(), default))];
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.DefaultTimeout());
        answer.SetResult(StubHttp.Answer("""{"sessionToken":"shared"}"""));

        Assert.All(await Task.WhenAll(others).DefaultTimeout(), token => Assert.Equal("shared", token.Value));
        Assert.Equal(1, _rig.Fetched);
        Assert.Equal("shared", stock.Take()!.Value);
    }

    [Fact]
    public async Task Refuse_SharedToken_IsNotHandedOutAgain()
    {
        await using TokenStock stock = _rig.Stock(options => options.ReuseTokens = true);
        SessionToken token = await stock.FetchAsync(_rig.Target(), default);

        stock.Refuse(token);

        Assert.Null(stock.Take());
    }

    [Fact]
    public async Task EnsureAsync_TokenThere_FetchesNone()
    {
        await using TokenStock stock = _rig.Stock();

        Assert.True(await stock.EnsureAsync(_rig.Target(), default));
        Assert.False(await stock.EnsureAsync(_rig.Target(), default));

        Assert.Equal((1, 1), (_rig.Fetched, stock.Count));
        Assert.Equal("t1", stock.Take()!.Value);
        Assert.Null(stock.Take());
    }
}
