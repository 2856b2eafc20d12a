using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

public sealed class FaultTests : IAsyncLifetime
{
    private const int Rate = 8000;
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() => _server = await LocalMotionServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task TokenFaultHang_IsLetGoWhenTheServerStops()
    {
        Task<HttpResponseMessage> hanging = RawClient.PostTokenAsync(_server, "fault-token-hang-answer");
        await RawClient.TokenAsync(_server);
        Assert.False(hanging.IsCompleted);
        await _server.DisposeAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => hanging);
    }

    [Fact]
    public async Task TokenFaultExpired_HandsOutATokenThatIsRefusedWith401() =>
        await AssertUpgradeAsync(HttpStatusCode.Unauthorized, "avatar", await RawClient.TokenAsync(_server, "fault-token-bad-expired"));

    [Fact]
    public async Task HandshakeFaultHang_AnswersNothingAndStays()
    {
        using RawClient client = await ConnectAsync("fault-no-confirmation");
        Task<Message> answer = client.ConfigureAsync(new ClientConfigureSession { SampleRate = Rate });
        await Eventually.TrueAsync(() => _server.Counters.MessagesReceived == 1);
        Assert.False(answer.IsCompleted);
        Assert.Equal(1, _server.Counters.ConnectionsOpen);
        Task stopping = _server.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => answer);
        await client.CloseAsync();
        await stopping;
    }

    [Fact]
    public async Task TurnFaultReset_CutsTheConnectionWithoutAClose()
    {
        // This clock stands still: the cut waits for no time limit.
        var clock = new ObservedTimeProvider();
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = clock });
        using RawClient client = await RawClient.OpenAsync(server, "fault-reset@motion", Rate, clock.GetUtcNow());
        await client.SendAudioAsync("turn", Speech.Babble(5 * Rate, Rate), end: true);
        await AssertFirstMotionAsync(client, 50);
        await Assert.ThrowsAsync<WebSocketException>(() => client.ReceiveAsync());
        await Eventually.TrueAsync(() => server.Counters.ConnectionsOpen == 0);
    }

    [Fact]
    public async Task Fault_WithACount_StrikesThatOftenAndNoMore()
    {
        await AssertUpgradeAsync(HttpStatusCode.InternalServerError, "fault-upgrade-status-500.mine@2", await RawClient.TokenAsync(_server));
        await AssertUpgradeAsync(HttpStatusCode.InternalServerError, "fault-upgrade-status-500.mine@2", await RawClient.TokenAsync(_server));
        using RawClient client = await RawClient.OpenAsync(_server, "fault-upgrade-status-500.mine@2", Rate);
        await AssertUpgradeAsync(HttpStatusCode.InternalServerError, "fault-upgrade-status-500.other@2", await RawClient.TokenAsync(_server));

        using HttpResponseMessage failed = await RawClient.PostTokenAsync(_server, "fault-token-status-500@1");
        using HttpResponseMessage worked = await RawClient.PostTokenAsync(_server, "fault-token-status-500@1");
        Assert.Equal((HttpStatusCode.InternalServerError, HttpStatusCode.OK), (failed.StatusCode, worked.StatusCode));
    }

    [Fact]
    public void Fault_WithACount_IsCountedHoweverManyOthersWere()
    {
        var board = new FaultBoard();
        for (int i = 0; i < 10_001; i++)
        {
            Assert.NotNull(board.ChooseForAvatar($"fault-upgrade-status-500.{i}@1"));
        }

        Assert.Null(board.ChooseForAvatar("fault-upgrade-status-500.10000@1"));
        Assert.Null(board.ChooseForAvatar("fault-upgrade-status-500.1@1"));
        board.DisarmAll();
        Assert.NotNull(board.ChooseForAvatar("fault-upgrade-status-500.10000@1"));
    }

    [Fact]
    public async Task TurnFaultReset_IsNotTakenForTheServersEnd()
    {
        var logs = new KeptLogs();
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { LoggerFactory = logs });
        using RawClient client = await RawClient.OpenAsync(server, "fault-reset@any", Rate);
        await Assert.ThrowsAsync<WebSocketException>(() => client.ReceiveAsync());
        await Eventually.TrueAsync(() => server.Counters.ConnectionsOpen == 0);

        Assert.Contains(logs.Lines, line => line.Contains("closed", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, line => line.Contains("the server is stopping", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DeafFault_ToAClose_HoldsTheConnectionUntilTheClientGoes()
    {
        using (RawClient client = await RawClient.OpenAsync(_server, "fault-deaf-to-close", Rate))
        {
            await client.SendAudioAsync("turn", Speech.Silence(Rate), end: true);
            await client.ReceiveTurnAsync();
            Task closing = client.CloseAsync();
            await RawClient.TokenAsync(_server);
            Assert.False(closing.IsCompleted);
            Assert.Equal(1, _server.Counters.ConnectionsOpen);
            client.Dispose();
            await Assert.ThrowsAnyAsync<Exception>(() => closing);
        }

        await Eventually.TrueAsync(() => _server.Counters.ConnectionsOpen == 0);
    }

    [Fact]
    public async Task DeafFault_ToAudio_ReadsNothingUntilTheClientGoes()
    {
        using (RawClient client = await RawClient.OpenAsync(_server, "fault-deaf-to-audio", Rate))
        {
            await client.SendAudioAsync("turn", Speech.Silence(Rate), end: true);
            await RawClient.TokenAsync(_server);
            Assert.Equal((1, 1), (_server.Counters.MessagesReceived, _server.Counters.ConnectionsOpen));
        }

        await Eventually.TrueAsync(() => _server.Counters.ConnectionsOpen == 0);
    }

    [Fact]
    public async Task UpgradeFault_ThatSwitchesProtocols_EndsAfterTheHandshakesTime()
    {
        var clock = new ObservedTimeProvider();
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = clock });
        string token = await RawClient.TokenAsync(server, now: clock.GetUtcNow());
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.BaseAddress.Host, server.BaseAddress.Port);
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        NetworkStream stream = tcp.GetStream();
        await stream.WriteAsync(RawUpgrade.Request(server, "fault-upgrade-101-no-accept", token), limit.Token);
        await RawUpgrade.ReadHeadAsync(stream, limit.Token);
        await clock.WaitForTimerAsync(clock.GetUtcNow().AddSeconds(10));
        clock.Advance(TimeSpan.FromSeconds(10));

        await RawUpgrade.AssertCutAsync(stream, limit.Token);
    }

    [Theory]
    [InlineData("fault-upgrade-hang-answer")]
    [InlineData("fault-upgrade-hang-body")]
    public async Task UpgradeFaultHang_IsLetGoWhenTheServerStops(string avatarId)
    {
        Task<RawClient> hanging = RawClient.ConnectAsync(_server, avatarId, await RawClient.TokenAsync(_server));
        await RawClient.TokenAsync(_server);
        Assert.False(hanging.IsCompletedSuccessfully);
        await _server.DisposeAsync();
        await Assert.ThrowsAsync<WebSocketException>(() => hanging);
    }

    private static async Task AssertFirstMotionAsync(RawClient client, int keyframes)
    {
        ServerResponseAnimation? first = (await client.ReceiveAsync())?.ServerResponseAnimation;
        Assert.Equal((keyframes, false), (first?.Animation.Keyframes.Count, first?.End));
    }

    private async Task AssertUpgradeAsync(HttpStatusCode status, string avatarId, string token)
    {
        long before = _server.Counters.UpgradesRefused;
        WebSocketException exception = await Assert.ThrowsAsync<WebSocketException>(() => RawClient.ConnectAsync(_server, avatarId, token));
        Assert.Contains($"'{(int)status}'", exception.Message, StringComparison.Ordinal);

        // The answer comes before it is counted.
        await Eventually.TrueAsync(() => _server.Counters.UpgradesRefused == before + 1);
    }

    private async Task<RawClient> ConnectAsync(string avatarId) => await RawClient.ConnectAsync(_server, avatarId, await RawClient.TokenAsync(_server));
}
