using MotionGateway.LocalMotion;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

/// <summary>The Server SDK against the local Motion Server, which was written from the same facts and not from this code.</summary>
[Trait("Category", "Interop")]
public sealed class LocalMotionServerTests
{
    private static readonly MotionAudioFormat Format = new(16000);

    [Theory]
    [InlineData("session-tokens", AuthPlacement.Headers)]
    [InlineData("/v1/auth/session-token", AuthPlacement.Query)]
    public async Task Request_OfTenSeconds_AnswersItsKeyframes(string tokenPath, AuthPlacement auth)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { Segments = MotionSegments.Recorded });
        await using MotionServerClient client = Client(server, LocalMotionServerOptions.DefaultApiKey, tokenPath, auth);
        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();
        await using IMotionRequest request = connection.StartRequest();
        for (int i = 0; i < 10; i++)
        {
            await request.SendAsync(new byte[Format.SampleRate * 2]);
        }

        await request.EndAsync();
        List<MotionMessage> motion = await request.ReadAll().DefaultTimeout();

        Assert.Equal([50, 100, 100], motion.Select(message => message.KeyframeCount));
        Assert.All(motion, message => Assert.Equal((request.Id, connection.ConnectionId), (message.RequestId, message.ConnectionId)));
        await connection.CloseAsync().DefaultTimeout();
        await connection.Completion.DefaultTimeout();
    }

    [Fact]
    public async Task Requests_AWholeClipEachAtTheSameTime_EachGetsItsOwnMotion()
    {
        MotionAudioFormat format = new(48000);
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        await using MotionServerClient client = new(server.ClientOptions());
        await using IMotionConnection connection = await client.ConnectAsync("avatar", format).DefaultTimeout();
        await using IMotionRequest clip = connection.StartRequest();
        await using IMotionRequest word = connection.StartRequest();

        await Task.WhenAll(clip.SayAsync(new byte[20 * 48000 * 2]), word.SayAsync(new byte[48000 * 2])).DefaultTimeout();

        Assert.Equal(500, (await clip.ReadAll().DefaultTimeout()).Sum(message => message.KeyframeCount));
        Assert.Equal(25, (await word.ReadAll().DefaultTimeout()).Sum(message => message.KeyframeCount));
    }

    [Theory]
    [InlineData("fault-token-body-garbage", "avatar", Code.ProtocolError, MotionServerPhase.SessionToken)]
    [InlineData("fault-token-bad-expired", "avatar", Code.SessionTokenExpired, MotionServerPhase.WebSocketConnect)]
    [InlineData(LocalMotionServerOptions.DefaultApiKey, "fault-upgrade-status-402", Code.BillingRequired, MotionServerPhase.WebSocketConnect)]
    [InlineData(LocalMotionServerOptions.DefaultApiKey, "fault-nameless", Code.AvatarNotFound, MotionServerPhase.WebSocketConnect)]
    [InlineData(LocalMotionServerOptions.DefaultApiKey, "fault-server-error-4003@handshake", Code.ConcurrencyLimit, MotionServerPhase.WebSocketHandshake)]
    [InlineData(LocalMotionServerOptions.DefaultApiKey, "fault-first-message-garbage", Code.ProtocolError, MotionServerPhase.WebSocketHandshake)]
    public async Task ConnectAsync_FaultOnDemand_HasItsCodeAndPhase(string apiKey, string avatarId, Code code, MotionServerPhase phase)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        await using MotionServerClient client = Client(server, apiKey);

        MotionServerException failure = await client.ConnectAsync(avatarId, Format).Failure();

        Assert.Equal((code, phase), (failure.Code, failure.Phase));
    }

    [Theory]
    [InlineData("fault-close-4503@motion", Code.UpstreamError)]
    [InlineData("fault-server-error-4001@motion", Code.CreditsExhausted)]
    [InlineData("fault-reset@motion", Code.ConnectionClosed)]
    public async Task ReadMotionAsync_FaultMidTurn_IsThrownAfterTheMotionBeforeIt(string avatarId, Code code)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        await using MotionServerClient client = Client(server, LocalMotionServerOptions.DefaultApiKey);
        await using IMotionConnection connection = await client.ConnectAsync(avatarId, Format).DefaultTimeout();
        await using IMotionRequest request = connection.StartRequest();

        // The fault may strike before all is said.
        Task saying = request.SayAsync(new byte[8 * Format.SampleRate * 2]);
        MotionServerException failure = await request.ReadAll().Failure();
        await saying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Assert.Equal(code, failure.Code);
        Assert.Same(failure, await connection.Completion.Failure());
    }

    private static MotionServerClient Client(
        LocalMotionServer server, string apiKey, string tokenPath = "session-tokens", AuthPlacement auth = AuthPlacement.Headers) => new(new MotionServerOptions
        {
            AppId = LocalMotionServerOptions.DefaultAppId,
            ApiKey = apiKey,
            ConsoleUrl = server.ConsoleUrl,
            IngressUrl = server.IngressUrl,
            TokenPath = tokenPath,
            Auth = auth,
        });
}
