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
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        await using MotionServerClient client = Client(server, LocalMotionServerOptions.DefaultApiKey, tokenPath, auth);
        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();
        string request = RequestIds.Create();
        byte[] second = new byte[Format.SampleRate * 2];

        for (int i = 0; i < 10; i++)
        {
            await connection.SendAudioAsync(request, second, isLast: i == 9);
        }

        List<MotionMessage> motion = await ReadRequestAsync(connection).DefaultTimeout();

        Assert.Equal([50, 100, 100], motion.Select(message => message.KeyframeCount));
        Assert.All(motion, message => Assert.Equal((request, connection.ConnectionId), (message.RequestId, message.ConnectionId)));
        await connection.CloseAsync().DefaultTimeout();
        await connection.Completion.DefaultTimeout();
    }

    [Theory]
    [InlineData("fault-token-garbage", "avatar", Code.ProtocolError, MotionServerPhase.SessionToken)]
    [InlineData("fault-token-expired", "avatar", Code.SessionTokenExpired, MotionServerPhase.WebSocketConnect)]
    [InlineData(LocalMotionServerOptions.DefaultApiKey, "fault-upgrade-402", Code.BillingRequired, MotionServerPhase.WebSocketConnect)]
    [InlineData(LocalMotionServerOptions.DefaultApiKey, "fault-nameless", Code.AvatarNotFound, MotionServerPhase.WebSocketConnect)]
    [InlineData(LocalMotionServerOptions.DefaultApiKey, "fault-handshake-error-4003", Code.ConcurrencyLimit, MotionServerPhase.WebSocketHandshake)]
    [InlineData(LocalMotionServerOptions.DefaultApiKey, "fault-handshake-garbage", Code.ProtocolError, MotionServerPhase.WebSocketHandshake)]
    public async Task ConnectAsync_FaultOnDemand_HasItsCodeAndPhase(string apiKey, string avatarId, Code code, MotionServerPhase phase)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        await using MotionServerClient client = Client(server, apiKey);

        MotionServerException failure = await client.ConnectAsync(avatarId, Format).Failure();

        Assert.Equal((code, phase), (failure.Code, failure.Phase));
    }

    [Theory]
    [InlineData("fault-close-4503-mid-turn", Code.UpstreamError)]
    [InlineData("fault-error-4001-mid-turn", Code.CreditsExhausted)]
    [InlineData("fault-reset-mid-turn", Code.ConnectionClosed)]
    public async Task ReadMotionAsync_FaultMidTurn_IsThrownAfterTheMotionBeforeIt(string avatarId, Code code)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        await using MotionServerClient client = Client(server, LocalMotionServerOptions.DefaultApiKey);
        await using IMotionConnection connection = await client.ConnectAsync(avatarId, Format).DefaultTimeout();
        await connection.SendAudioAsync("r", new byte[8 * Format.SampleRate * 2], isLast: true);

        MotionServerException failure = await connection.ReadAll().Failure();

        Assert.Equal(code, failure.Code);
        Assert.Empty(await connection.ReadAll().DefaultTimeout());
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

    private static async Task<List<MotionMessage>> ReadRequestAsync(IMotionConnection connection)
    {
        List<MotionMessage> motion = [];
        await foreach (MotionMessage message in connection.ReadMotionAsync())
        {
            motion.Add(message);
            if (message.End)
            {
                break;
            }
        }

        return motion;
    }
}
