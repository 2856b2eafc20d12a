using System.Net;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;
using ReflectionV1 = Grpc.Reflection.V1;
using ReflectionV1Alpha = Grpc.Reflection.V1Alpha;

namespace MotionGateway.Gateway.Tests;

/// <summary>What callers are told when something goes wrong.</summary>
public sealed class ErrorTests : IAsyncLifetime
{
    private static readonly byte[] Garbage = [0x0A, 0xFF, 0xFF, 0xFF];

    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("SessionService/GetSession")]
    [InlineData("SessionService/WatchSession")]
    [InlineData("SpeechService/Speak")]
    [InlineData("FeedService/Subscribe")]
    public async Task AnyMethod_ARequestThatDoesNotParse_IsMalformed(string method) =>
        Assert.Equal(ErrorReason.MalformedRequest, (await PostAsync(method, [0, 0, 0, 0, 4, .. Garbage])).Reason);

    [Theory]
    [InlineData(new byte[] { 7, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 })]
    public async Task Speak_ABrokenFrame_IsMalformed(byte[] body) =>
        Assert.Equal(ErrorReason.MalformedRequest, (await PostAsync("SpeechService/Speak", body)).Reason);

    [Fact]
    public async Task UnaryMethod_UnknownSession_NamesReasonFieldAndSession()
    {
        var fault = await Assert.ThrowsAsync<RpcException>(
            () => _gateway.Sessions.InterruptSessionAsync(new InterruptSessionRequest { SessionId = "s-none", TurnId = "t-1" }).ResponseAsync.DefaultTimeout());

        Assert.StartsWith("SESSION_NOT_FOUND session_id: ", fault.Status.Detail, StringComparison.Ordinal);
        var info = fault.GetRpcStatus()!.GetDetail<ErrorInfo>();
        Assert.Equal(("s-none", "t-1"), (info.Metadata["session_id"], info.Metadata["turn_id"]));
    }

    [Fact]
    public async Task Speak_ARefusedFirstRequest_NamesTheSession()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);

        var fault = await Assert.ThrowsAsync<RpcException>(() => speaker.ResumeAsync(_gateway.Speech, resume => resume.ResumeToken = "guess"));

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((speaker.SessionId, null), (failure.Ids.SessionId, failure.Ids.TurnId));
    }

    [Fact]
    public async Task Speak_AMotionServerThatCannotBeHad_NamesSessionAndConnection()
    {
        var fault = await Assert.ThrowsAsync<RpcException>(
            () => Speaker.OpenAsync(_gateway.Speech, open => open.AvatarId = "fault-server-error-4003@handshake"));

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.NotEmpty(failure.Ids.SessionId!);
    }

    [Fact]
    public async Task Speak_GarbageInMidStream_NamesSessionAndConnection()
    {
        var raw = Marshallers.Create(bytes => bytes, bytes => bytes);
        var method = new Method<byte[], byte[]>(MethodType.DuplexStreaming, "motiongateway.v1.SpeechService", "Speak", raw, raw);
        using var call = _gateway.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(method, null, default);
        var open = new OpenSession { AvatarId = "avatar-1", AudioFormat = new AudioFormat { SampleRate = 16000 } };
        await call.RequestStream.WriteAsync(new SpeakRequest { Open = open }.ToByteArray());
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        string sessionId = SpeakResponse.Parser.ParseFrom(call.ResponseStream.Current).Opened.SessionId;
        var session = (await _gateway.Sessions.GetSessionAsync(new GetSessionRequest { SessionId = sessionId })).Session;

        await call.RequestStream.WriteUnlessEndedAsync(Garbage);
        var fault = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout())
            {
            }
        });

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((ErrorReason.MalformedRequest, sessionId, session.ConnectionId), (failure.Reason, failure.Ids.SessionId, failure.Ids.ConnectionId));
        Assert.NotEmpty(session.ConnectionId);
    }

    [Fact]
    public async Task Subscribe_APositionAhead_NamesTheSessionButNoTurn()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        using var call = _gateway.Feed.Subscribe();
        var start = new StartFeed { SessionId = speaker.Opened.SessionId, Position = new Position { Epoch = speaker.Opened.Position.Epoch, Sequence = 99 } };
        await call.RequestStream.WriteAsync(new SubscribeRequest { Start = start });

        var fault = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((speaker.Opened.SessionId, null), (failure.Ids.SessionId, failure.Ids.TurnId));
    }

    [Fact]
    public async Task Speak_CancelledOrBroken_IsNoErrorInTheLog()
    {
        for (int i = 0; i < 10; i++)
        {
            using var speaker = await Speaker.OpenAsync(_gateway.Speech);
            await speaker.SendAudioAsync(Speech.Create(16000, 16000), "one");
        }

        // Their calls were cancelled, in whatever they did. The log is checked when the gateway has stopped.
        await Eventually.TrueAsync(() => _gateway.Log.Entries.Count(entry => entry.Message.Contains("the caller is gone", StringComparison.Ordinal)) == 10);
    }

    [Fact]
    public async Task Reflection_V1AndV1Alpha_DescribeServicesAndDetails()
    {
        foreach (string symbol in (string[])["motiongateway.v1.SpeechService", "motiongateway.v1.SessionService", "google.rpc.ErrorInfo", "google.rpc.Status"])
        {
            using var v1 = new ReflectionV1.ServerReflection.ServerReflectionClient(_gateway.Channel).ServerReflectionInfo();
            await v1.RequestStream.WriteAsync(new ReflectionV1.ServerReflectionRequest { FileContainingSymbol = symbol });
            Assert.True(await v1.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
            AssertDescribes(v1.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto, symbol);

            using var alpha = new ReflectionV1Alpha.ServerReflection.ServerReflectionClient(_gateway.Channel).ServerReflectionInfo();
            await alpha.RequestStream.WriteAsync(new ReflectionV1Alpha.ServerReflectionRequest { FileContainingSymbol = symbol });
            Assert.True(await alpha.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
            AssertDescribes(alpha.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto, symbol);
        }
    }

    private static void AssertDescribes(IEnumerable<ByteString> files, string symbol)
    {
        var names = files.Select(file => FileDescriptorProto.Parser.ParseFrom(file)).SelectMany(file =>
            file.MessageType.Select(message => $"{file.Package}.{message.Name}").Concat(file.Service.Select(service => $"{file.Package}.{service.Name}")));
        Assert.Contains(symbol, names);
    }

    /// <summary>Posts what no gRPC client would send.</summary>
    private async Task<Failure> PostAsync(string method, byte[] body)
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{_gateway.Address}/motiongateway.v1.{method}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/grpc" } } },
        };
        using var response = await http.SendAsync(request, CancellationToken.None).DefaultTimeout();
        await response.Content.LoadIntoBufferAsync().DefaultTimeout();
        string details = response.TrailingHeaders.Concat(response.Headers).Single(header => header.Key == "grpc-status-details-bin").Value.Single();
        var status = Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '=')));
        Assert.True(RpcErrors.TryRead(status.ToRpcException(), out var failure));
        return failure;
    }
}
