using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Tokens;

/// <summary>The stock alone, on a clock of its own: tokens live 10 minutes, a step takes up to 10 seconds.</summary>
public sealed class TokenStockTests : IDisposable
{
    // Two steps' time must be left to hand a token out; the next one is fetched one step's time earlier.
    private static readonly TimeSpan UsableFor = TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReplacedAfter = UsableFor - TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogs _logs = new();
    private int _fetched;
    private Func<CancellationToken, Task<HttpResponseMessage>>? _answer;

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Take_NothingAhead_IsNothing()
    {
        await using TokenStock stock = Stock();

        Assert.Null(stock.Take());
        Assert.Equal(0, _fetched);
    }

    [Fact]
    public async Task Take_FromTheFirstDemandOn_HandsOutEachTokenOnce()
    {
        await using TokenStock stock = Stock(options => options.TokensAhead = 3);
        Assert.Equal(0, _fetched);

        Assert.Null(stock.Take());
        await Eventually.TrueAsync(() => stock.Count == 3);
        List<string> taken = [];
        for (int i = 0; i < 3; i++)
        {
            taken.Add(stock.Take()!.Value);
        }

        Assert.Equal(["t1", "t2", "t3"], taken);
        await Eventually.TrueAsync(() => stock.Count == 3);
        Assert.Equal(6, _fetched);
    }

    [Fact]
    public async Task Take_ManyAtOnce_NeverHandsOutATokenTwice()
    {
        await using TokenStock stock = Stock(options => options.TokensAhead = 16);
        System.Collections.Concurrent.ConcurrentBag<string> taken = [];

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                taken.Add((stock.Take() ?? await stock.FetchAsync(Target(), default)).Value);
            }
        }))).Soon();

        Assert.Equal(400, taken.Count);
        Assert.Equal(400, taken.Distinct().Count());
    }

    [Fact]
    public async Task Take_TokenTooNearItsEnd_IsThrownAway()
    {
        await using TokenStock stock = Stock();
        await stock.EnsureAsync(Target(), default);

        _time.Advance(UsableFor - TimeSpan.FromSeconds(1));
        Assert.Equal(1, stock.Count);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(0, stock.Count);
        Assert.Null(stock.Take());
    }

    [Fact]
    public async Task Stock_BeforeTokensExpire_ReplacesThemWithoutAGap()
    {
        await using TokenStock stock = Stock(options => options.TokensAhead = 2);
        stock.Take();
        await IdleAsync(stock, 2);

        _time.Advance(ReplacedAfter - TimeSpan.FromSeconds(1));
        Assert.Equal(2, _fetched);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => _fetched == 4);
        _time.Advance(UsableFor - ReplacedAfter - TimeSpan.FromSeconds(1));
        await IdleAsync(stock, 2);

        Assert.Equal(["t3", "t4"], new[] { stock.Take()!.Value, stock.Take()!.Value });
    }

    [Fact]
    public async Task Stock_OneSharedToken_IsHandedOutUntilItsReplacementIsThere()
    {
        await using TokenStock stock = Stock(options => (options.TokensAhead, options.ReuseTokens) = (1, true));
        stock.Take();
        await IdleAsync(stock, 1);
        Assert.Equal(["t1", "t1", "t1"], Enumerable.Range(0, 3).Select(_ => stock.Take()!.Value));

        _time.Advance(ReplacedAfter + TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => _fetched == 2);
        _time.Advance(UsableFor - ReplacedAfter - TimeSpan.FromSeconds(1));
        await IdleAsync(stock, 1);

        Assert.Equal("t2", stock.Take()!.Value);
    }

    [Fact]
    public async Task FetchAsync_SharedToken_IsFetchedOnceForAllWhoWait()
    {
        TaskCompletionSource<HttpResponseMessage> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = token => answer.Task.WaitAsync(token);
        await using TokenStock stock = Stock(options => options.ReuseTokens = true);
        using CancellationTokenSource cancel = new();

        Task<SessionToken> first = stock.FetchAsync(Target(), cancel.Token);
        Task<SessionToken>[] others = [.. Enumerable.Range(0, 10).Select(_ => stock.FetchAsync(Target(), default))];
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Soon());
        answer.SetResult(StubHttp.Answer("""{"sessionToken":"shared"}"""));

        Assert.All(await Task.WhenAll(others).Soon(), token => Assert.Equal("shared", token.Value));
        Assert.Equal(1, _fetched);
        Assert.Equal("shared", stock.Take()!.Value);
    }

    [Fact]
    public async Task Refuse_SharedToken_IsNotHandedOutAgain()
    {
        await using TokenStock stock = Stock(options => options.ReuseTokens = true);
        SessionToken token = await stock.FetchAsync(Target(), default);

        stock.Refuse(token);

        Assert.Null(stock.Take());
    }

    [Fact]
    public async Task Stock_FetchFails_PausesAndRecovers()
    {
        _answer = _ => Task.FromResult(StubHttp.Answer("", HttpStatusCode.ServiceUnavailable));
        await using TokenStock stock = Stock(options => options.TokensAhead = 1);
        stock.Take();
        await PausedAsync(1);

        // Demand does not shorten the pause.
        Assert.Null(stock.Take());
        Assert.Equal(1, _fetched);
        _time.Advance(TimeSpan.FromSeconds(1));
        await PausedAsync(2);
        _answer = null;
        _time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => stock.Count == 1);

        Assert.Equal(3, _fetched);
        Assert.Contains("serverError", _logs.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, null, 60)]
    [InlineData(503, "300", 300)]
    public async Task Stock_FetchRefused_PausesForLong(int status, string? retryAfter, int seconds)
    {
        _answer = _ =>
        {
            HttpResponseMessage answer = StubHttp.Answer("", (HttpStatusCode)status);
            answer.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            return Task.FromResult(answer);
        };
        await using TokenStock stock = Stock(options => options.TokensAhead = 1);
        stock.Take();
        await PausedAsync(1);

        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        Assert.Equal(1, _fetched);
        Assert.Equal(1, _time.ActiveTimers);
        _time.Advance(TimeSpan.FromTicks(1));
        await Eventually.TrueAsync(() => _fetched == 2);
    }

    [Fact]
    public async Task Stock_HandlerThrowsAnything_StaysAlive()
    {
        _answer = _ => throw new NotSupportedException("odd");
        await using TokenStock stock = Stock(options => options.TokensAhead = 1);
        stock.Take();
        await PausedAsync(1);

        _answer = null;
        _time.Advance(TimeSpan.FromMinutes(1));

        await Eventually.TrueAsync(() => stock.Count == 1);
    }

    [Fact]
    public async Task EnsureAsync_TokenThere_FetchesNone()
    {
        await using TokenStock stock = Stock();

        Assert.True(await stock.EnsureAsync(Target(), default));
        Assert.False(await stock.EnsureAsync(Target(), default));

        Assert.Equal((1, 1), (_fetched, stock.Count));
        Assert.Equal("t1", stock.Take()!.Value);
        Assert.Null(stock.Take());
    }

    [Fact]
    public async Task DisposeAsync_WhileFetching_EndsItAndKeepsNothing()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TokenStock stock = Stock(options => options.TokensAhead = 2);
        stock.Take();
        await Eventually.TrueAsync(() => stock.Count == 2);
        _answer = async token =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return null!;
        };
        stock.Take();
        await asked.Task.Soon();

        await stock.DisposeAsync().AsTask().Soon();
        await stock.DisposeAsync().AsTask().Soon();

        Assert.Equal(0, stock.Count);
        Assert.Null(stock.Take());
        Assert.Empty(_logs.Entries);
    }

    [Fact]
    public async Task Stock_Logs_HoldNoSecret()
    {
        _answer = _ => Task.FromResult(StubHttp.Answer($$"""{"errors":[{"detail":"{{ScriptedServer.ApiKey}}"}]}""", HttpStatusCode.BadGateway));
        await using TokenStock stock = Stock(options => options.TokensAhead = 1);
        stock.Take();
        await Eventually.TrueAsync(() => !_logs.Entries.IsEmpty);

        Assert.DoesNotContain(ScriptedServer.ApiKey, _logs.All, StringComparison.Ordinal);
    }

    // A fetch has a timer too, but none when its token has been kept or its failure logged.
    private Task IdleAsync(TokenStock stock, int tokens) => Eventually.TrueAsync(() => stock.Count == tokens && _time.ActiveTimers == 1);

    private Task PausedAsync(int failures) => Eventually.TrueAsync(() => _logs.Entries.Count == failures && _time.ActiveTimers == 1);

    private TokenStock Stock(Action<MotionServerOptions>? change = null)
    {
        MotionServerOptions options = new() { AppId = ScriptedServer.AppId, ApiKey = ScriptedServer.ApiKey };
        change?.Invoke(options);
        Assert.Empty(options.Validate());
        TokenStock? stock = null;
        stock = new TokenStock(options, token => stock!.FetchAsync(Target(), token), _time, (ILogger)_logs);
        return stock;
    }

    private RegionTarget Target()
    {
        StubHttp http = new(async (_, token) =>
        {
            int number = Interlocked.Increment(ref _fetched);
            return _answer is null ? StubHttp.Answer(JsonSerializer.Serialize(new { sessionToken = $"t{number}" })) : await _answer(token);
        });
        return new RegionTarget("us-west", new MotionServerOptions { AppId = ScriptedServer.AppId, ApiKey = ScriptedServer.ApiKey }, http.Invoker(), _time);
    }
}
