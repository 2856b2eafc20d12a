using System.Net.WebSockets;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class HandshakeTests
{
    private static readonly MotionAudioFormat Format = new(22050);

    public static TheoryData<string, byte[]> Malformed => new()
    {
        { "empty", [] },
        { "garbage", [0xFF, 0xFF, 0xFF] },
        { "no content", new Message { Type = MessageType.MessageServerConfirmSession }.ToByteArray() },
        { "no connection id", new Message { Type = MessageType.MessageServerConfirmSession, ServerConfirmSession = new ServerConfirmSession() }.ToByteArray() },
        { "another kind", Motion.Of("r", 1).ToByteArray() },
        {
            "type and content disagree",
            new Message { Type = MessageType.MessageServerError, ServerConfirmSession = new ServerConfirmSession { ConnectionId = "c" } }.ToByteArray()
        },
        { "client message", new Message { Type = MessageType.MessageClientPause, ClientPause = new ClientPause { ReqId = "r" } }.ToByteArray() },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task ConnectAsync_MalformedFirstMessage_IsAProtocolErrorAndCloses(string what, byte[] message)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.ReceiveAsync();
            await socket.SendRawAsync(message);
            Assert.Null(await socket.ReceiveAsync());
            Assert.Equal(WebSocketCloseStatus.ProtocolError, socket.Socket.CloseStatus);
        });
        await using MotionServerClient client = server.Client();

        MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();

        Assert.True(failure is { Code: Code.ProtocolError, Phase: MotionServerPhase.WebSocketHandshake, IsRetryable: false }, what);
        await server.ScriptEnded.Task.DefaultTimeout();
    }

    [Fact]
    public async Task ConnectAsync_TextInTheHandshake_IsAProtocolError()
    {
        MotionServerException failure = await FailAsync(socket => socket.SendRawAsync("hello"u8.ToArray(), WebSocketMessageType.Text));

        Assert.Equal((Code.ProtocolError, MotionServerPhase.WebSocketHandshake), (failure.Code, failure.Phase));
    }

    [Fact]
    public async Task ConnectAsync_OversizedFirstMessage_IsAProtocolError()
    {
        MotionServerException failure = await FailAsync(socket => socket.SendRawAsync(new byte[4096]), options => options.MaxMessageBytes = 1024);

        Assert.Equal((Code.ProtocolError, MotionServerPhase.WebSocketHandshake), (failure.Code, failure.Phase));
    }

    [Fact]
    public async Task ConnectAsync_ServerErrorThenClose_IsTheServerError()
    {
        MotionServerException failure = await FailAsync(async socket =>
        {
            await socket.SendErrorAsync(7, "Unsupported sample rate");
            await socket.CloseAsync(4000, "bye");
        });

        Assert.Equal((Code.UnsupportedSampleRate, MotionServerPhase.WebSocketHandshake), (failure.Code, failure.Phase));
        Assert.Equal(("7", "Unsupported sample rate", ScriptedServer.ConnectionId), (failure.ServerCode, failure.ServerDetail, failure.ConnectionId));
        Assert.Equal((4000, "bye"), (failure.CloseCode, failure.CloseReason));
    }

    [Fact]
    public async Task ConnectAsync_VagueErrorThenTellingClose_IsWhatTheCloseSays()
    {
        MotionServerException failure = await FailAsync(async socket =>
        {
            await socket.SendErrorAsync(13, "ended");
            await socket.CloseAsync(4001, "no credits");
        });

        Assert.Equal((Code.CreditsExhausted, MotionServerRetry.Never, 4001), (failure.Code, failure.Retry, failure.CloseCode));
        Assert.Equal(("13", "ended", "no credits"), (failure.ServerCode, failure.ServerDetail, failure.CloseReason));
    }

    [Fact]
    public async Task ConnectAsync_ServerErrorAndNoClose_IsTheServerError()
    {
        MotionServerException failure = await FailAsync(async socket =>
        {
            await socket.SendErrorAsync(13, "ended");
            await socket.StallAsync();
        });

        Assert.Equal((Code.ServerError, MotionServerPhase.WebSocketHandshake, null), (failure.Code, failure.Phase, failure.CloseCode));
    }

    [Theory]
    [InlineData(4001, Code.CreditsExhausted, false)]
    [InlineData(4503, Code.UpstreamError, true)]
    [InlineData(1000, Code.ConnectionClosed, true)]
    public async Task ConnectAsync_CloseInTheHandshake_IsClassifiedByItsCode(int closeCode, Code expected, bool retryable)
    {
        MotionServerException failure = await FailAsync(socket => socket.CloseAsync(closeCode, "because"));

        Assert.Equal((expected, retryable, closeCode, "because"), (failure.Code, failure.IsRetryable, failure.CloseCode, failure.CloseReason));
    }

    [Fact]
    public async Task ConnectAsync_ResetInTheHandshake_IsConnectionFailed()
    {
        MotionServerException failure = await FailAsync(socket =>
        {
            socket.Reset();
            return Task.CompletedTask;
        });

        Assert.Equal((Code.ConnectionFailed, MotionServerPhase.WebSocketHandshake, true), (failure.Code, failure.Phase, failure.IsRetryable));
    }

    [Fact]
    public async Task ConnectAsync_Handshake_ConfiguresPcmAndReadsCapabilities()
    {
        TaskCompletionSource<ClientConfigureSession> configured = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            configured.SetResult(await socket.ConfirmAsync("playback_control", "playback_state"));
            await socket.ReadToCloseAsync();
        });
        await using MotionServerClient client = server.Client();

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        Assert.Equal(new ClientConfigureSession { SampleRate = 22050, AudioFormat = AudioFormat.PcmS16Le }, await configured.Task.DefaultTimeout());
        Assert.Equal(ScriptedServer.ConnectionId, connection.ConnectionId);
        Assert.Equal(["playback_control", "playback_state"], connection.Capabilities);
    }

    private static async Task<MotionServerException> FailAsync(Func<ScriptedSocket, Task> answer, Action<MotionServerOptions>? change = null)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.ReceiveAsync();
            await answer(socket);
            await socket.StallAsync();
        });
        await using MotionServerClient client = server.Client(change);
        return await client.ConnectAsync("avatar", Format).Failure();
    }
}
