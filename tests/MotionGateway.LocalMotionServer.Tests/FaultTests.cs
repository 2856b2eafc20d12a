using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

public sealed class FaultTests : IAsyncLifetime
{
    private const int Rate = 8000;
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() => _server = await LocalMotionServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("fault-token-401", HttpStatusCode.Unauthorized)]
    [InlineData("fault-token-500", HttpStatusCode.InternalServerError)]
    public async Task TokenFault_OfAStatus_AnswersItWithErrors(string key, HttpStatusCode status)
    {
        using HttpResponseMessage response = await RawClient.PostTokenAsync(_server, key);
        await SessionTokenTests.AssertErrorAsync(response, status);
    }

    [Theory]
    [InlineData("fault-token-errors-200", "\"errors\":[{")]
    [InlineData("fault-token-garbage", "<html>")]
    [InlineData("fault-token-empty", "{}")]
    public async Task TokenFault_OfABody_Answers200WithIt(string key, string body)
    {
        using HttpResponseMessage response = await RawClient.PostTokenAsync(_server, key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(body, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenFaultHang_IsLetGoWhenTheServerStops()
    {
        Task<HttpResponseMessage> hanging = RawClient.PostTokenAsync(_server, "fault-token-hang");
        await RawClient.TokenAsync(_server);
        Assert.False(hanging.IsCompleted);
        await _server.DisposeAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => hanging);
    }

    [Fact]
    public async Task TokenFaultExpired_HandsOutATokenThatIsRefusedWith401() =>
        await AssertUpgradeAsync(HttpStatusCode.Unauthorized, "avatar", await RawClient.TokenAsync(_server, "fault-token-expired"));

    [Theory]
    [InlineData("fault-upgrade-400", HttpStatusCode.BadRequest)]
    [InlineData("fault-upgrade-401", HttpStatusCode.Unauthorized)]
    [InlineData("fault-upgrade-402", HttpStatusCode.PaymentRequired)]
    [InlineData("fault-upgrade-500", HttpStatusCode.InternalServerError)]
    public async Task UpgradeFault_AnswersItsStatus(string avatarId, HttpStatusCode status) =>
        await AssertUpgradeAsync(status, avatarId, await RawClient.TokenAsync(_server));

    [Fact]
    public async Task HandshakeFaultError_IsServerErrorAndClose4003()
    {
        using RawClient client = await ConnectAsync("fault-handshake-error-4003");
        Message answer = await client.ConfigureAsync(new ClientConfigureSession { SampleRate = Rate });
        Assert.Equal(4003, answer.ServerError.Code);
        await AssertClosedAsync(client, 4003);
    }

    [Fact]
    public async Task HandshakeFaultGarbage_IsNoMessage()
    {
        using RawClient client = await ConnectAsync("fault-handshake-garbage");
        await Assert.ThrowsAsync<InvalidProtocolBufferException>(() => client.ConfigureAsync(new ClientConfigureSession { SampleRate = Rate }));
    }

    [Fact]
    public async Task HandshakeFaultHang_AnswersNothingAndStays()
    {
        using RawClient client = await ConnectAsync("fault-handshake-hang");
        Task<Message> answer = client.ConfigureAsync(new ClientConfigureSession { SampleRate = Rate });
        await Eventually.TrueAsync(() => _server.Counters.MessagesReceived == 1);
        Assert.False(answer.IsCompleted);
        Assert.Equal(1, _server.Counters.ConnectionsOpen);
        Task stopping = _server.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => answer);
        await client.CloseAsync();
        await stopping;
    }

    [Theory]
    [InlineData(1, 13)]
    [InlineData(5, 50)]
    public async Task TurnFaultClose_ComesAfterTheFirstMotionAndBeforeTheEnd(int seconds, int keyframes)
    {
        using RawClient client = await SpeakAsync("fault-close-4503-mid-turn", seconds);
        await AssertFirstMotionAsync(client, keyframes);
        await AssertClosedAsync(client, 4503);
    }

    [Fact]
    public async Task TurnFaultError_IsServerErrorAndClose4001()
    {
        using RawClient client = await SpeakAsync("fault-error-4001-mid-turn", 5);
        await AssertFirstMotionAsync(client, 50);
        Assert.Equal(4001, (await client.ReceiveAsync())?.ServerError?.Code);
        await AssertClosedAsync(client, 4001);
    }

    [Fact]
    public async Task TurnFaultReset_CutsTheConnectionWithoutAClose()
    {
        // This clock stands still: the cut waits for no time limit.
        var clock = new ManualTimeProvider();
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = clock });
        using RawClient client = await RawClient.OpenAsync(server, "fault-reset-mid-turn", Rate, clock.GetUtcNow());
        await client.SendAudioAsync("turn", Speech.Babble(5 * Rate, Rate), end: true);
        await AssertFirstMotionAsync(client, 50);
        await Assert.ThrowsAsync<WebSocketException>(() => client.ReceiveAsync());
        await Eventually.TrueAsync(() => server.Counters.ConnectionsOpen == 0);
    }

    [Fact]
    public async Task TurnFaultStallMidTurn_SendsNoMoreOfThatTurn()
    {
        using RawClient client = await SpeakAsync("fault-stall-mid-turn", 5);
        await AssertFirstMotionAsync(client, 50);
        await client.SendAudioAsync("next", Speech.Silence(Rate), end: true);
        Assert.Equal("next", Assert.Single(await client.ReceiveTurnAsync()).ReqId);
    }

    [Fact]
    public async Task TurnFaultStallForGood_SendsNoMoreButTakesTheRest()
    {
        using RawClient client = await SpeakAsync("fault-stall-for-good", 5);
        await AssertFirstMotionAsync(client, 50);
        await client.SendAudioAsync("next", Speech.Silence(Rate), end: true);
        await Eventually.TrueAsync(() => _server.Counters.RequestsFinished == 2);
        Assert.Equal((1, 1), (_server.Counters.AnimationsSent, _server.Counters.ConnectionsOpen));
    }

    [Fact]
    public async Task TurnFaultNoMotion_EndsWithAnEmptyAnimation()
    {
        using RawClient client = await SpeakAsync("fault-no-motion", 5);
        ServerResponseAnimation only = Assert.Single(await client.ReceiveTurnAsync());
        Assert.Empty(only.Animation.Keyframes);
    }

    [Fact]
    public async Task Fault_WithACount_StrikesThatOftenAndNoMore()
    {
        await AssertUpgradeAsync(HttpStatusCode.InternalServerError, "fault-upgrade-500.mine@2", await RawClient.TokenAsync(_server));
        await AssertUpgradeAsync(HttpStatusCode.InternalServerError, "fault-upgrade-500.mine@2", await RawClient.TokenAsync(_server));
        using RawClient client = await RawClient.OpenAsync(_server, "fault-upgrade-500.mine@2", Rate);
        await AssertUpgradeAsync(HttpStatusCode.InternalServerError, "fault-upgrade-500.other@2", await RawClient.TokenAsync(_server));

        using HttpResponseMessage failed = await RawClient.PostTokenAsync(_server, "fault-token-500@1");
        using HttpResponseMessage worked = await RawClient.PostTokenAsync(_server, "fault-token-500@1");
        Assert.Equal((HttpStatusCode.InternalServerError, HttpStatusCode.OK), (failed.StatusCode, worked.StatusCode));
    }

    [Fact]
    public void Fault_WithACount_IsCountedHoweverManyOthersWere()
    {
        var board = new FaultBoard();
        for (int i = 0; i < 10_001; i++)
        {
            Assert.NotNull(board.ChooseForAvatar($"fault-upgrade-500.{i}@1"));
        }

        Assert.Null(board.ChooseForAvatar("fault-upgrade-500.10000@1"));
        Assert.Null(board.ChooseForAvatar("fault-upgrade-500.1@1"));
        board.DisarmAll();
        Assert.NotNull(board.ChooseForAvatar("fault-upgrade-500.10000@1"));
    }

    [Fact]
    public async Task TurnFaultReset_IsNotTakenForTheServersEnd()
    {
        var logs = new KeptLogs();
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { LoggerFactory = logs });
        using RawClient client = await RawClient.OpenAsync(server, "fault-reset-before-turn", Rate);
        await Assert.ThrowsAsync<WebSocketException>(() => client.ReceiveAsync());
        await Eventually.TrueAsync(() => server.Counters.ConnectionsOpen == 0);

        Assert.Contains(logs.Lines, line => line.Contains("closed", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, line => line.Contains("the server is stopping", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CloseFault_WithoutACode_IsAnEmptyCloseFrame()
    {
        string token = await RawClient.TokenAsync(_server);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(_server.BaseAddress.Host, _server.BaseAddress.Port);
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        NetworkStream stream = tcp.GetStream();
        await stream.WriteAsync(RawUpgrade.Request(_server, "fault-handshake-close-empty", token), limit.Token);
        await RawUpgrade.ReadHeadAsync(stream, limit.Token);
        // A masked binary message: a configuration of 8000 Hz.
        byte[] configuration = new Message { Type = MessageType.MessageClientConfigureSession, ClientConfigureSession = new ClientConfigureSession { SampleRate = Rate } }.ToByteArray();
        await stream.WriteAsync((byte[])[0x82, (byte)(0x80 | configuration.Length), 0, 0, 0, 0, .. configuration], limit.Token);

        byte[] frame = new byte[2];
        await stream.ReadExactlyAsync(frame, limit.Token);
        Assert.Equal([0x88, 0x00], frame);
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
        var clock = new ManualTimeProvider();
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = clock });
        string token = await RawClient.TokenAsync(server, now: clock.GetUtcNow());
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.BaseAddress.Host, server.BaseAddress.Port);
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        NetworkStream stream = tcp.GetStream();
        await stream.WriteAsync(RawUpgrade.Request(server, "fault-upgrade-no-accept", token), limit.Token);
        await RawUpgrade.ReadHeadAsync(stream, limit.Token);
        await clock.WaitForTimerAsync(clock.GetUtcNow().AddSeconds(10));
        clock.Advance(TimeSpan.FromSeconds(10));

        await RawUpgrade.AssertCutAsync(stream, limit.Token);
    }

    private static async Task AssertFirstMotionAsync(RawClient client, int keyframes)
    {
        ServerResponseAnimation? first = (await client.ReceiveAsync())?.ServerResponseAnimation;
        Assert.Equal((keyframes, false), (first?.Animation.Keyframes.Count, first?.End));
    }

    private static async Task AssertClosedAsync(RawClient client, int closeCode)
    {
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(closeCode, (int?)client.CloseStatus);
    }

    private async Task AssertUpgradeAsync(HttpStatusCode status, string avatarId, string token)
    {
        long before = _server.Counters.UpgradesRefused;
        WebSocketException exception = await Assert.ThrowsAsync<WebSocketException>(() => RawClient.ConnectAsync(_server, avatarId, token));
        Assert.Contains($"'{(int)status}'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before + 1, _server.Counters.UpgradesRefused);
    }

    private async Task<RawClient> ConnectAsync(string avatarId) => await RawClient.ConnectAsync(_server, avatarId, await RawClient.TokenAsync(_server));

    private async Task<RawClient> SpeakAsync(string avatarId, int seconds)
    {
        RawClient client = await RawClient.OpenAsync(_server, avatarId, Rate);
        await client.SendAudioAsync("turn", Speech.Babble(seconds * Rate, Rate), end: true);
        return client;
    }
}
