using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Cassettes;

/// <summary>What holds for a server that replays or records as for one that makes motion.</summary>
public sealed class ReplayLimitTests : IDisposable
{
    private readonly ObservedTimeProvider _clock = new();
    private readonly TemporaryCassette _cassette = new();

    public void Dispose() => _cassette.Dispose();

    [Fact]
    public async Task Replay_OfASilentClient_EndsItAfterTheIdleTime()
    {
        await using LocalMotionServer server = await ReplayAsync(options => options.IdleTimeout = TimeSpan.FromSeconds(30));
        using RawClient client = await OpenAsync(server);
        await _clock.WaitForTimerAsync(_clock.GetUtcNow().AddSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal((0, "no audio input for 30 s"), Of((await client.ReceiveAsync())!.ServerError));
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(1000, (int?)client.CloseStatus);
    }

    [Fact]
    public async Task Replay_OfALongSession_EndsItAtItsLimit()
    {
        await using LocalMotionServer server = await ReplayAsync(options => options.MaxSessionDuration = TimeSpan.FromSeconds(30));
        using RawClient client = await OpenAsync(server);
        await _clock.WaitForTimerAsync(_clock.GetUtcNow().AddSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(4002, (await client.ReceiveAsync())!.ServerError.Code);
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(4002, (int?)client.CloseStatus);
    }

    [Fact]
    public async Task Replay_BeyondTheLimitOfConnections_TellsTheClient()
    {
        await using LocalMotionServer server = await ReplayAsync(options => options.MaxConnections = 1);
        using RawClient first = await OpenAsync(server);
        using RawClient second = await RawClient.ConnectAsync(server, "avatar", await RawClient.TokenAsync(server, now: _clock.GetUtcNow()));

        Assert.Equal(4003, (await second.ReceiveAsync())!.ServerError.Code);
        Assert.Null(await second.ReceiveAsync());
        Assert.Equal(4003, (int?)second.CloseStatus);
    }

    [Fact]
    public async Task Replay_ForAnAvatarThatNamesAFault_ReplaysAllTheSame()
    {
        await using LocalMotionServer server = await ReplayAsync();
        using RawClient client = await OpenAsync(server, "fault-upgrade-status-503");
        Assert.Equal(101, (int)client.UpgradeStatus);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Control_WhileItReplaysOrRecords_TellsOfConnectionsAndRefusesFaults(bool records)
    {
        await using LocalMotionServer upstream = await LocalMotionServer.StartAsync();
        await using LocalMotionServer server = await (records ? _cassette.RecordAsync(upstream) : ReplayAsync());
        using RawClient client = await OpenAsync(server, "ann", records ? DateTimeOffset.UtcNow : _clock.GetUtcNow());
        await client.SendAudioAsync("turn", Speech.Silence(16000), end: true);
        await Eventually.TrueAsync(() => server.Connections is [{ Requests: 1 }]);

        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        http.DefaultRequestHeaders.Add("X-Api-Key", LocalMotionServerOptions.DefaultApiKey);
        JsonElement connection = (await http.GetFromJsonAsync<JsonElement>("/control/connections")).GetProperty("connections")[0];
        Assert.Equal(("ann", 1), (connection.GetProperty("avatarId").GetString(), connection.GetProperty("requests").GetInt32()));
        JsonElement counters = await http.GetFromJsonAsync<JsonElement>("/control/counters");
        Assert.Equal((1, 1, 2), (counters.GetProperty("connectionsOpen").GetInt32(), counters.GetProperty("requestsStarted").GetInt32(), counters.GetProperty("messagesReceived").GetInt32()));

        using HttpResponseMessage refused = await http.PostAsJsonAsync("/control/faults", new { fault = "fault-no-motion" });
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("without Record and Replay", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => server.Faults.Arm("fault-no-motion"));
    }

    private static (int Code, string Message) Of(ServerError error) => (error.Code, error.Message);

    private async Task<LocalMotionServer> ReplayAsync(Action<LocalMotionServerOptions>? change = null)
    {
        _cassette.Write(
            """{"format":"motiongateway-cassette","version":1}""",
            """{"ms":1,"kind":"upgrade","connection":1,"status":101}""",
            """{"ms":2,"kind":"message","connection":1,"from":"client","data":"CAESAwiAfQ=="}""",
            """{"ms":3,"kind":"message","connection":1,"from":"server","data":"CAIaAwoBYw=="}""",
            // An audio input of the request "a".
            """{"ms":4,"kind":"message","connection":1,"from":"client","data":"CAMiAwoBYQ=="}""");
        var options = new LocalMotionServerOptions { Replay = _cassette.Path, TimeProvider = _clock };
        change?.Invoke(options);
        return await LocalMotionServer.StartAsync(options);
    }

    private Task<RawClient> OpenAsync(LocalMotionServer server, string avatarId = "avatar", DateTimeOffset? now = null) =>
        RawClient.OpenAsync(server, avatarId, now: now ?? _clock.GetUtcNow());
}
