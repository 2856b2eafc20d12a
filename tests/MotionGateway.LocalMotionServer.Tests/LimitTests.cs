using System.Net.WebSockets;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

public sealed class LimitTests
{
    private const int Rate = 8000;
    private readonly ObservedTimeProvider _clock = new();

    [Fact]
    public async Task Connection_OverTheLimit_IsToldAndClosedWith4003()
    {
        await using LocalMotionServer server = await StartAsync(options => options.MaxConnections = 1);
        using RawClient first = await OpenAsync(server);
        using RawClient second = await RawClient.ConnectAsync(server, "avatar", await RawClient.TokenAsync(server, now: _clock.GetUtcNow()));

        Assert.Equal(4003, (await second.ReceiveAsync())?.ServerError?.Code);
        Assert.Null(await second.ReceiveAsync());
        Assert.Equal(4003, (int?)second.CloseStatus);
        await second.CloseAsync();
        await first.CloseAsync();
        await Eventually.TrueAsync(() => server.Counters.ConnectionsOpen == 0);
        using RawClient third = await OpenAsync(server);
        Assert.NotEqual("", third.ConnectionId);
    }

    [Fact]
    public async Task Request_LongerThanAllowed_IsReportedOnceAndGivenUp()
    {
        await using LocalMotionServer server = await StartAsync(options => options.MaxRequestDuration = TimeSpan.FromSeconds(1));
        using RawClient client = await OpenAsync(server);
        await client.SendAudioAsync("long", Speech.Silence(Rate));
        await client.SendAudioAsync("long", Speech.Silence(1));
        await client.SendAudioAsync("long", Speech.Silence(Rate), end: true);
        await client.SendAudioAsync("next", Speech.Silence(Rate), end: true);

        ServerError? error = (await client.ReceiveAsync())?.ServerError;
        Assert.Equal((8, "long"), (error?.Code, error?.ReqId));
        Assert.Contains("request is longer than 1 s", error!.Message, StringComparison.Ordinal);
        Assert.Equal("next", Assert.Single(await client.ReceiveTurnAsync()).ReqId);
    }

    [Fact]
    public async Task Request_WhoseLastChunkIsTooMuch_LeavesItsIdForANewOne()
    {
        await using LocalMotionServer server = await StartAsync(options => options.MaxRequestDuration = TimeSpan.FromSeconds(1));
        using RawClient client = await OpenAsync(server);
        await client.SendAudioAsync("turn", Speech.Silence(2 * Rate), end: true);
        await client.SendAudioAsync("turn", Speech.Silence(Rate), end: true);

        Assert.Equal(8, (await client.ReceiveAsync())?.ServerError?.Code);
        Assert.Single(await client.ReceiveTurnAsync());
    }

    [Fact]
    public async Task Connection_FarOverTheLimit_IsRefusedWith503()
    {
        await using LocalMotionServer server = await StartAsync(options => options.MaxConnections = 1);
        string token = await RawClient.TokenAsync(server, now: _clock.GetUtcNow());
        var clients = new List<RawClient>();
        try
        {
            for (int i = 0; i < 65; i++)
            {
                clients.Add(await RawClient.ConnectAsync(server, "avatar", token));
            }

            WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(() => RawClient.ConnectAsync(server, "avatar", token));
            Assert.Contains("'503'", refused.Message, StringComparison.Ordinal);
            Assert.Equal(1, server.Counters.UpgradesRefused);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Requests_OverTheLimit_AreReportedAndSkipped()
    {
        await using LocalMotionServer server = await StartAsync(options => options.MaxOpenRequests = 1);
        using RawClient client = await OpenAsync(server);
        await client.SendAudioAsync("open", Speech.Silence(1));
        await client.SendAudioAsync("more", Speech.Silence(1));

        ServerError? error = (await client.ReceiveAsync())?.ServerError;
        Assert.Equal((8, "more", "too many requests are open"), (error?.Code, error?.ReqId, error?.Message));
        await client.SendAudioAsync("open", Array.Empty<byte>(), end: true);
        Assert.Equal("open", Assert.Single(await client.ReceiveTurnAsync()).ReqId);
    }

    [Fact]
    public async Task Audio_BeyondTheBuffer_EndsTheConnection()
    {
        // In real time nothing is worked off while this clock stands still.
        await using LocalMotionServer server = await StartAsync(options =>
        {
            options.Pace = ProcessingPace.RealTime;
            options.MaxBufferedAudioBytes = 100_000;
        });
        using RawClient client = await OpenAsync(server);
        await client.SendAudioAsync("turn", new byte[60_000]);
        await client.SendAudioAsync("turn", new byte[60_000]);

        ServerError? error = (await client.ReceiveAsync())?.ServerError;
        Assert.Equal((8, "turn"), (error?.Code, error?.ReqId));
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(4000, (int?)client.CloseStatus);
    }

    [Fact]
    public async Task Audio_ThatIsWorkedOff_MakesRoomForMore()
    {
        await using LocalMotionServer server = await StartAsync(options => options.MaxBufferedAudioBytes = 100_000);
        using RawClient client = await OpenAsync(server);
        for (int turn = 0; turn < 5; turn++)
        {
            await client.SendAudioAsync("turn", new byte[60_000], end: true);
            await client.ReceiveTurnAsync();
            // The room is given back just after the motion was queued: a short turn behind it shows that it was.
            await client.SendAudioAsync("short", Array.Empty<byte>(), end: true);
            await client.ReceiveTurnAsync();
        }
    }

    [Fact]
    public async Task Connection_WithoutAudioForTheIdleTime_IsToldAndClosed()
    {
        await using LocalMotionServer server = await StartAsync(options => options.IdleTimeout = TimeSpan.FromSeconds(60));
        using RawClient client = await OpenAsync(server);
        await _clock.WaitForTimerAsync(_clock.GetUtcNow().AddSeconds(60));
        _clock.Advance(TimeSpan.FromSeconds(40));
        await client.SendAudioAsync("turn", Speech.Silence(1));
        await Eventually.TrueAsync(() => server.Counters.RequestsStarted == 1);
        _clock.Advance(TimeSpan.FromSeconds(20));
        await _clock.WaitForTimerAsync(_clock.GetUtcNow().AddSeconds(40));
        _clock.Advance(TimeSpan.FromSeconds(40));

        ServerError? error = (await client.ReceiveAsync())?.ServerError;
        Assert.Equal("no audio input for 60 s", error?.Message);
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Fact]
    public async Task Session_AtItsLongest_IsToldAndClosedWith4002HoweverBusy()
    {
        await using LocalMotionServer server = await StartAsync(options => options.MaxSessionDuration = TimeSpan.FromSeconds(60));
        using RawClient client = await OpenAsync(server);
        await _clock.WaitForTimerAsync(_clock.GetUtcNow().AddSeconds(60));
        _clock.Advance(TimeSpan.FromSeconds(59));
        await client.SendAudioAsync("turn", Speech.Silence(Rate), end: true);
        Assert.Single(await client.ReceiveTurnAsync());
        _clock.Advance(TimeSpan.FromSeconds(1));

        ServerError? error = (await client.ReceiveAsync())?.ServerError;
        Assert.Equal((4002, "session time limit reached"), (error?.Code, error?.Message));
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(4002, (int?)client.CloseStatus);
    }

    [Fact]
    public async Task Credits_AreUsedByConnectedTimeAndEndTheSessionWith4001()
    {
        await using LocalMotionServer server = await StartAsync(options => options.Credits = 11);
        using RawClient first = await OpenAsync(server);
        // Silence costs as much as speech: the eleventh credit is used from the 60th second on.
        await PassAsync(seconds: 60);
        await first.SendAudioAsync("turn", Speech.Silence(Rate), end: true);
        Assert.Single(await first.ReceiveTurnAsync());
        await PassAsync(seconds: 6);

        ServerError? error = (await first.ReceiveAsync())?.ServerError;
        Assert.Equal((4001, "credits exhausted"), (error?.Code, error?.Message));
        Assert.Null(await first.ReceiveAsync());
        Assert.Equal(4001, (int?)first.CloseStatus);
    }

    [Fact]
    public async Task Credits_BelowTen_OpenNoConnection()
    {
        await using LocalMotionServer server = await StartAsync(options => options.Credits = 11);
        string token = await RawClient.TokenAsync(server, now: _clock.GetUtcNow());
        using (RawClient failed = await RawClient.ConnectAsync(server, "avatar", token))
        {
            // A failed handshake costs nothing.
            await failed.ConfigureAsync(new ClientConfigureSession { SampleRate = 1 });
        }

        // Two sessions that have begun have used two: nine are left.
        using RawClient first = await OpenAsync(server);
        using RawClient second = await OpenAsync(server);
        using RawClient third = await RawClient.ConnectAsync(server, "avatar", token);
        Assert.Equal(4001, (await third.ReceiveAsync())?.ServerError?.Code);
        Assert.Null(await third.ReceiveAsync());
        Assert.Equal(4001, (int?)third.CloseStatus);
    }

    [Fact]
    public async Task Client_ThatStopsReading_IsCutAfterTheWriteTime()
    {
        await using LocalMotionServer server = await StartAsync(options => options.MaxBufferedAudioBytes = 64 * 1024 * 1024);
        using RawClient client = await OpenAsync(server);
        // A minute of 8 kHz makes 750 KB of motion: 40 of them are more than the sockets' buffers hold.
        for (int i = 0; i < 40; i++)
        {
            await client.SendAudioAsync($"turn-{i}", Speech.Silence(60 * Rate), end: true);
        }

        await Eventually.TrueAsync(() => server.Counters.MessagesReceived == 41);
        Assert.True(server.Counters.RequestsFinished < 40, "The network took everything; the test needs more motion.");
        await _clock.AdvanceUntilAsync(TimeSpan.FromSeconds(30), () => server.Counters.ConnectionsOpen == 0);
    }

    /// <summary>Lets time pass in the steps in which credits are used.</summary>
    private async Task PassAsync(int seconds)
    {
        for (int passed = 0; passed < seconds; passed += 6)
        {
            await _clock.WaitForTimerAsync(_clock.GetUtcNow().AddSeconds(6));
            _clock.Advance(TimeSpan.FromSeconds(6));
        }
    }

    private Task<RawClient> OpenAsync(LocalMotionServer server) => RawClient.OpenAsync(server, sampleRate: Rate, now: _clock.GetUtcNow());

    private Task<LocalMotionServer> StartAsync(Action<LocalMotionServerOptions> configure)
    {
        var options = new LocalMotionServerOptions { TimeProvider = _clock };
        configure(options);
        return LocalMotionServer.StartAsync(options);
    }
}
