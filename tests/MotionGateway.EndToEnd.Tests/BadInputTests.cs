using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>Bad input at the running services: a clear error, and another session with its viewer goes on through all of it.</summary>
[Collection(nameof(OtherServices))]
[Trait("Category", "EndToEnd")]
public sealed class BadInputTests(RunningServices services) : IAsyncLifetime
{
    private Speaker _bystander = null!;
    private TestViewer _viewer = null!;

    public async Task InitializeAsync()
    {
        _bystander = await Speaker.OpenAsync(services.Speech);
        _viewer = await services.ViewAsync(_bystander.Opened.SessionId);
    }

    // Whatever a test did: the other session speaks, and its viewer hears all of it.
    public async Task DisposeAsync()
    {
        byte[] speech = Clip.Read(0.4);
        await _bystander.SayAsync(speech, "after");
        await _bystander.FinishAsync();
        Assert.Equal(StatusCode.OK, (await _bystander.WaitForEndAsync()).StatusCode);
        Assert.Null(await _viewer.ReceiveToEndAsync());
        FeedAssert.Contiguous(_viewer.Received);
        Assert.Equal(speech, _viewer.Payloads.Audio());
        _viewer.Dispose();
        _bystander.Dispose();
    }

    [Theory]
    [InlineData("missing-avatar", "MOTION_SERVER_AVATAR_NOT_FOUND")]
    [InlineData("fault-upgrade-status-402", "MOTION_SERVER_")]
    [InlineData("fault-upgrade-status-500", "MOTION_SERVER_")]
    [InlineData("fault-server-error-4003@handshake", "MOTION_SERVER_CONCURRENCY_LIMIT")]
    [InlineData("fault-first-message-garbage", "MOTION_SERVER_PROTOCOL_ERROR")]
    [InlineData("fault-server-error-4001@motion", "MOTION_SERVER_CREDITS_EXHAUSTED")]
    public async Task Speak_MotionServerRefusesOrFails_SaysWhyInOneLine(string avatar, string reason) =>
        await AssertSpeakFailsAsync(services.GatewayUrl, avatar, reason);

    [Fact]
    public async Task Speak_MotionServerRefusesTheToken_SaysWhyInOneLine()
    {
        var gateway = await services.StartGatewayAsync("wrong-key");

        await AssertSpeakFailsAsync(gateway, "avatar", "MOTION_SERVER_");
    }

    [Theory]
    [InlineData("audio before open")]
    [InlineData("sample rate")]
    [InlineData("avatar")]
    public async Task Speak_BadRequest_EndsTheCallWithDetails(string fault)
    {
        using var channel = GrpcChannel.ForAddress(services.GatewayUrl);
        using var speaker = await ActAsync(new SpeechService.SpeechServiceClient(channel), fault);
        var exception = await Assert.ThrowsAsync<RpcException>(() => speaker.WaitForAsync(_ => false));

        var (status, reason) = fault switch
        {
            "audio before open" => (StatusCode.FailedPrecondition, ErrorReason.SessionNotOpen),
            "sample rate" => (StatusCode.InvalidArgument, ErrorReason.UnsupportedSampleRate),
            _ => (StatusCode.InvalidArgument, ErrorReason.InvalidRequest),
        };
        Assert.True(RpcErrors.TryRead(exception, out var failure), exception.ToString());
        Assert.Equal((status, reason), (exception.StatusCode, failure.Reason));
        Assert.NotEmpty(failure.Message);
    }

    [Fact]
    public async Task GetSession_Unknown_IsNotFound()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(
            async () => await services.Sessions.GetSessionAsync(new GetSessionRequest { SessionId = "unknown" }));

        Assert.True(RpcErrors.TryRead(exception, out var failure));
        Assert.Equal((StatusCode.NotFound, ErrorReason.SessionNotFound), (exception.StatusCode, failure.Reason));
    }

    [Fact]
    public async Task View_NoRightToTheSession_IsAnsweredAlike()
    {
        using var other = await Speaker.OpenAsync(services.Speech);
        string id = _bystander.Opened.SessionId;
        string foreign = await services.CreateTokenAsync(other.Opened.SessionId);
        string brief = await services.CreateTokenAsync(id, lifetimeSeconds: 1);

        string refusal = await AnswerAsync(id, "garbage");
        Assert.StartsWith("4024 VIEWER_TOKEN_INVALID", refusal, StringComparison.Ordinal);
        Assert.Equal(refusal, await AnswerAsync(id, foreign));
        Assert.Equal(refusal, await AnswerAsync("unknown", foreign));

        // It was good for this session, and for no other.
        string expired = await ExpireAsync(id, brief);
        Assert.StartsWith("4027 VIEWER_TOKEN_EXPIRED", await AnswerAsync(id, expired), StringComparison.Ordinal);
        Assert.Equal(refusal, await AnswerAsync(other.Opened.SessionId, expired));
    }

    [Theory]
    [InlineData(WebSocketMessageType.Binary, false)]
    [InlineData(WebSocketMessageType.Text, false)]
    [InlineData(WebSocketMessageType.Text, true)]
    public async Task View_GarbageMessage_IsRefused(WebSocketMessageType type, bool json)
    {
        using var viewer = await services.ViewAsync(_bystander.Opened.SessionId, json);
        await viewer.SendRawAsync(type == WebSocketMessageType.Text ? "{garbage"u8.ToArray() : [0xff, 0xfe, 0xfd], type);

        var failure = await viewer.ReceiveToEndAsync();

        Assert.Equal((ErrorReason.MalformedRequest, false, 4010), (failure?.Reason, failure?.Retryable, viewer.CloseCode));
        Assert.NotEmpty(failure!.Message);
    }

    [Fact]
    public async Task View_GarbageInsteadOfFrames_IsCutOff()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(services.RelayUrl.Host, services.RelayUrl.Port).DefaultTimeout();
        var stream = client.GetStream();
        string request = $"GET /v1/sessions/{_bystander.Opened.SessionId}/feed HTTP/1.1\r\nHost: {services.RelayUrl.Authority}\r\n"
            + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGVzdCB0ZXN0IHRlc3QgdA==\r\nSec-WebSocket-Protocol: motiongateway.v1\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        Assert.Contains("101", await reader.ReadLineAsync().DefaultTimeout(), StringComparison.Ordinal);

        byte[] garbage = new byte[4096];
        new Random(1).NextBytes(garbage);
        await stream.WriteAsync(garbage);

        await ReadToCutAsync(reader).DefaultTimeout();
    }

    private static async Task ReadToCutAsync(StreamReader reader)
    {
        try
        {
            await reader.ReadToEndAsync();
        }
        catch (IOException cut)
        {
            Assert.IsType<SocketException>(cut.InnerException);
        }
    }

    private static async Task AssertSpeakFailsAsync(Uri gateway, string avatar, string reason)
    {
        string file = Path.Combine(Path.GetTempPath(), $"motiongateway-{Guid.NewGuid():n}.pcm");
        await File.WriteAllBytesAsync(file, Clip.Read(3));
        try
        {
            await using var speak = Executable.Start("speak", file, "--rate", "16000", "--avatar", avatar, "--json", "--gateway", gateway.ToString());
            Assert.True(await speak.WaitAsync(Executable.Limit) == 1, speak.ToString());
            Assert.Contains(speak.Lines, line => !line.StartsWith('{') && line.Contains(reason, StringComparison.Ordinal));
            Assert.DoesNotContain(speak.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
            Assert.DoesNotContain(speak.Lines, line => line.Contains("-key", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<Speaker> ActAsync(SpeechService.SpeechServiceClient client, string fault)
    {
        var speaker = Speaker.Start(client);
        var open = new OpenSession { AvatarId = fault == "avatar" ? "" : "a", AudioFormat = new AudioFormat { SampleRate = fault == "sample rate" ? 7000 : 16000 } };
        await speaker.SendAsync(fault == "audio before open" ? new SpeakRequest { Audio = new AudioChunk() } : new SpeakRequest { Open = open });
        return speaker;
    }

    private async Task<string> AnswerAsync(string sessionId, string token)
    {
        using var viewer = await services.ConnectAsync(sessionId);
        await viewer.StartAsync(start => start.ViewerToken = token);
        var failure = await viewer.ReceiveToEndAsync();
        return failure is null ? "" : $"{viewer.CloseCode} {viewer.CloseText} {failure.Reason} {failure.Message} {failure.Retryable} {viewer.Received.Count}";
    }

    // A token may be honoured a little beyond its time, since clocks differ: wait until it is not.
    private async Task<string> ExpireAsync(string sessionId, string token)
    {
        bool isValid = true;
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (isValid)
        {
            await timer.WaitForNextTickAsync(limit.Token);
            using var viewer = await services.ConnectAsync(sessionId);
            await viewer.StartAsync(start => start.ViewerToken = token);
            isValid = (await viewer.ReceiveAsync())?.Started is not null;
        }

        return token;
    }
}
