using Grpc.Core;
using Grpc.Lite.Tests.V1;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

public sealed class MetadataTests
{
    [Fact]
    public async Task Metadata_TextAndBytes_ComeBackInHeadersAndTrailers()
    {
        await using var server = await TestServer.StartAsync();
        var bytes = new byte[] { 0, 1, 254, 255, 3 };
        var headers = new Metadata { { "Test-Text", "a, b" }, { "test-bytes-bin", bytes } };
        using var call = server.Client.UnaryAsync(new EchoRequest { Behavior = Behavior.EchoMetadata }, headers);
        var received = await call.ResponseHeadersAsync.DefaultTimeout();
        await call.ResponseAsync.DefaultTimeout();
        foreach (var metadata in new[] { received, call.GetTrailers() })
        {
            Assert.Equal("a, b", metadata.GetValue("echo-test-text"));
            Assert.Equal(bytes, metadata.GetValueBytes("echo-test-bytes-bin"));
        }
    }

    [Theory]
    [InlineData("AQI=")]
    [InlineData("AQI")]
    public async Task Metadata_BytesWithAndWithoutPadding_AreTaken(string base64)
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawHttp2Client(server.Address);
        var body = RawHttp2Client.Frame([0x20, (byte)Behavior.EchoMetadata]);
        var response = await client.PostAsync("/grpclite.test.v1.InteropService/Unary", body, headers: ("test-bin", base64)).DefaultTimeout();
        Assert.Equal("0", RawHttp2Client.Value(response, "grpc-status"));
        Assert.Equal("AQI", RawHttp2Client.Value(response, "echo-test-bin")?.TrimEnd('='));
    }

    [Fact]
    public async Task ResponseHeaders_SentEarly_ArriveBeforeTheFirstMessage()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat(new Metadata { { "test-early", "yes" } });
        await call.RequestStream.WriteAsync(new EchoRequest { Behavior = Behavior.EchoMetadata }).DefaultTimeout();
        Assert.Equal("yes", (await call.ResponseHeadersAsync.DefaultTimeout()).GetValue("echo-test-early"));
    }

    [Fact]
    public async Task RequestHeaders_WithoutAMessage_ReachTheServer()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat(new Metadata { { "greet", "me" } });
        Assert.Equal("hello", (await call.ResponseHeadersAsync.DefaultTimeout()).GetValue("greeting"));
    }

    [Fact]
    public async Task Error_StatusDetailsAndTrailers_ArriveOnTrailersOnly()
    {
        await using var server = await TestServer.StartAsync();
        var exception = await Assert.ThrowsAsync<RpcException>(() =>
            server.Client.UnaryAsync(new EchoRequest { Behavior = Behavior.Fail, Text = "a 100% “bad” día\n" }).ResponseAsync.DefaultTimeout());
        AssertRichError(exception);
    }

    [Fact]
    public async Task Error_StatusDetailsAndTrailers_ArriveAfterMessages()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat();
        await call.RequestStream.WriteAsync(new EchoRequest()).DefaultTimeout();
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        await call.RequestStream.WriteLastAsync(new EchoRequest { Behavior = Behavior.Fail, Text = "a 100% “bad” día\n" }, StatusCode.FailedPrecondition);
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        AssertRichError(exception);
        Assert.Equal(StatusCode.FailedPrecondition, call.GetStatus().StatusCode);
        Assert.Equal("seen", call.GetTrailers().GetValue("test-trailer"));
    }

    [Theory]
    [InlineData(true, "Exception was thrown by handler. NotSupportedException: thrown by the test")]
    [InlineData(false, "Exception was thrown by handler.")]
    public async Task Error_OfTheMethod_IsUnknownAndToldOnlyWhenAllowed(bool isDetailed, string expected)
    {
        await using var server = await TestServer.StartAsync(options => options.EnableDetailedErrors = isDetailed);
        server.Log.Expect(entry => entry.Exception is NotSupportedException);
        var exception = await Assert.ThrowsAsync<RpcException>(() =>
            server.Client.UnaryAsync(new EchoRequest { Behavior = Behavior.Throw }).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Unknown, exception.StatusCode);
        Assert.Equal(expected, exception.Status.Detail);
    }

    [Fact]
    public void Add_WrongKeyOrKind_Throws()
    {
        var metadata = new Metadata();
        Assert.Throws<ArgumentException>(() => metadata.Add("key-bin", "text"));
        Assert.Throws<ArgumentException>(() => metadata.Add("key", [1]));
        Assert.Throws<ArgumentException>(() => metadata.Add("a key", "text"));
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "text"));
        metadata.Add("key-bin", [1]);
        Assert.Throws<InvalidOperationException>(() => metadata.GetValue("key-bin"));
    }

    private static void AssertRichError(RpcException exception)
    {
        Assert.Equal(StatusCode.FailedPrecondition, exception.StatusCode);
        Assert.Equal("a 100% “bad” día\n", exception.Status.Detail);
        Assert.Equal("seen", exception.Trailers.GetValue("test-trailer"));
        var status = Google.Rpc.Status.Parser.ParseFrom(exception.Trailers.GetValueBytes(EchoService.DetailsKey));
        Assert.Equal((int)StatusCode.FailedPrecondition, status.Code);
        Assert.Equal("value", status.Details[0].Unpack<Google.Rpc.ErrorInfo>().Metadata["key"]);
        Assert.Equal(3, status.Details[1].Unpack<Google.Rpc.RetryInfo>().RetryDelay.Seconds);
    }
}
