using System.Text.Json;
using Microsoft.Extensions.Logging;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Tokens;

/// <summary>A cache alone, on a clock of its own, that fetches its tokens from a test: <c>t1</c>, <c>t2</c> and so on.</summary>
internal sealed class TokenRig : IDisposable
{
    private int _fetched;

    public ObservedTimeProvider Time { get; } = new();

    public RecordingLogs Logs { get; } = new();

    /// <summary>Answers instead, when set.</summary>
    public Func<CancellationToken, Task<HttpResponseMessage>>? Answer { get; set; }

    /// <summary>Requests so far.</summary>
    public int Fetched => Volatile.Read(ref _fetched);

    // A fetch has a timer too, but none when its token has been kept or its failure logged.
    public Task IdleAsync(TokenCache cache, int tokens) => Eventually.TrueAsync(() => cache.Count == tokens && Time.ActiveTimers == 1);

    public Task PausedAsync(int failures) => Eventually.TrueAsync(() => Logs.Entries.Count == failures && Time.ActiveTimers == 1);

    public TokenCache Cache(Action<MotionServerOptions>? change = null, ILogger? log = null)
    {
        MotionServerOptions options = new() { AppId = ScriptedServer.AppId, ApiKey = ScriptedServer.ApiKey };
        change?.Invoke(options);
        Assert.Empty(options.Validate());
        return new TokenCache(options, Target().FetchTokenAsync, Time, log ?? Logs);
    }

    public RegionTarget Target()
    {
        StubHttp http = new(async (_, token) =>
        {
            int number = Interlocked.Increment(ref _fetched);
            return Answer is null ? StubHttp.Answer(JsonSerializer.Serialize(new { sessionToken = $"t{number}" })) : await Answer(token);
        });
        return new RegionTarget("us-west", new MotionServerOptions { AppId = ScriptedServer.AppId, ApiKey = ScriptedServer.ApiKey }, http.Invoker(), Time);
    }

    public void Dispose() => Logs.Dispose();
}
