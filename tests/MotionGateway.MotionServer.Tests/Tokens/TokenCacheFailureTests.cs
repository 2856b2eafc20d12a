using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Tokens;

/// <summary>The cache's work in the background, and what becomes of it when fetching fails.</summary>
public sealed class TokenCacheFailureTests : IDisposable
{
    private readonly TokenRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Cache_FetchFails_PausesAndRecovers()
    {
        _rig.Answer = _ => Task.FromResult(StubHttp.Answer("", HttpStatusCode.ServiceUnavailable));
        await using TokenCache cache = _rig.Cache(options => options.TokensAhead = 1);
        cache.Take();
        await _rig.PausedAsync(1);

        // Demand does not shorten the pause.
        Assert.Null(cache.Take());
        Assert.Equal(1, _rig.Fetched);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        await _rig.PausedAsync(2);
        _rig.Answer = null;
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => cache.Count == 1);

        Assert.Equal(3, _rig.Fetched);
        Assert.Contains("serverError", _rig.Logs.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, null, 60)]
    [InlineData(503, "20", 20)]
    [InlineData(503, "300", 300)]
    [InlineData(503, "99999999", 3600)]
    [InlineData(429, null, 5)]
    public async Task Cache_FetchRefused_PausesForLongAndNotForGood(int status, string? retryAfter, int seconds)
    {
        _rig.Answer = _ =>
        {
            HttpResponseMessage answer = StubHttp.Answer("", (HttpStatusCode)status);
            answer.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            return Task.FromResult(answer);
        };
        await using TokenCache cache = _rig.Cache(options => options.TokensAhead = 1);
        cache.Take();
        await _rig.PausedAsync(1);

        _rig.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        Assert.Equal(1, _rig.Fetched);
        Assert.Equal(1, _rig.Time.ActiveTimers);
        // A pause that is asked for is spread a little.
        _rig.Time.Advance(TimeSpan.FromSeconds(seconds * 0.5) + TimeSpan.FromTicks(1));
        await Eventually.TrueAsync(() => _rig.Fetched == 2);
    }

    [Fact]
    public async Task Cache_HandlerThrowsAnything_StaysAlive()
    {
        _rig.Answer = _ => throw new NotSupportedException("odd");
        await using TokenCache cache = _rig.Cache(options => options.TokensAhead = 1);
        cache.Take();
        await _rig.PausedAsync(1);

        _rig.Answer = null;
        _rig.Time.Advance(TimeSpan.FromMinutes(1));

        await Eventually.TrueAsync(() => cache.Count == 1);
    }

    [Fact]
    public async Task Cache_FillingDies_IsStartedAgainByTheNextDemand()
    {
        _rig.Answer = _ => Task.FromResult(StubHttp.Answer("", HttpStatusCode.BadGateway));
        await using TokenCache cache = _rig.Cache(options => options.TokensAhead = 1, new ThrowingLog());
        cache.Take();
        await Eventually.TrueAsync(() => _rig.Fetched == 1 && _rig.Time.ActiveTimers == 0);

        _rig.Answer = null;
        await Eventually.TrueAsync(() =>
        {
            Assert.InRange(_rig.Fetched, 1, 2);
            return cache.Take() is not null;
        });
    }

    [Fact]
    public async Task Cache_FetchingAhead_HasNothingOfItsFirstCaller()
    {
        AsyncLocal<string?> ambient = new();
        TaskCompletionSource<(string?, Activity?)> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _rig.Answer = _ =>
        {
            seen.TrySetResult((ambient.Value, Activity.Current));
            return Task.FromResult(StubHttp.Answer("", HttpStatusCode.BadGateway));
        };
        await using TokenCache cache = _rig.Cache(options => options.TokensAhead = 1);
        using Activity caller = new Activity("caller").Start();
        ambient.Value = "the caller's";

        cache.Take();

        Assert.Equal((null, null), await seen.Task.DefaultTimeout());
        Assert.Equal(("the caller's", caller), (ambient.Value, Activity.Current));
    }

    [Fact]
    public async Task DisposeAsync_WhileFetching_EndsItAndKeepsNothing()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TokenCache cache = _rig.Cache(options => options.TokensAhead = 2);
        cache.Take();
        await Eventually.TrueAsync(() => cache.Count == 2);
        _rig.Answer = async token =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return null!;
        };
        cache.Take();
        await asked.Task.DefaultTimeout();

        await cache.DisposeAsync().AsTask().DefaultTimeout();
        await cache.DisposeAsync().AsTask().DefaultTimeout();

        Assert.Equal(0, cache.Count);
        Assert.Null(cache.Take());
        Assert.Empty(_rig.Logs.Entries);
    }

    [Fact]
    public async Task Cache_Logs_HoldNoSecret()
    {
        _rig.Answer = _ => Task.FromResult(StubHttp.Answer($$"""{"errors":[{"detail":"{{ScriptedServer.ApiKey}}"}]}""", HttpStatusCode.BadGateway));
        await using TokenCache cache = _rig.Cache(options => options.TokensAhead = 1);
        cache.Take();
        await Eventually.TrueAsync(() => !_rig.Logs.Entries.IsEmpty);

        Assert.DoesNotContain(ScriptedServer.ApiKey, _rig.Logs.All, StringComparison.Ordinal);
    }

    private sealed class ThrowingLog : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new NotSupportedException("A log that is full.");
    }
}
