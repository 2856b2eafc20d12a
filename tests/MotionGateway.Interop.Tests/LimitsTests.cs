using Google.Protobuf;
using Grpc.Core;
using MotionGateway.Gateway;
using MotionGateway.Interop.Tests.V1;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Interop.Tests;

/// <summary>Messages at the limit and beyond it.</summary>
public sealed class LimitsTests
{
    private const int ClientLimit = 10_000;

    [Fact]
    public void MaxRequestBytes_ASentenceOf25SecondsAt48Kilohertz_Fits() => Assert.True(GatewayTransport.MaxRequestBytes > 25 * 48_000 * 2);

    [Theory]
    [InlineData(0, StatusCode.OK)]
    [InlineData(1, StatusCode.ResourceExhausted)]
    public async Task Unary_RequestAtTheLimit_PassesOrIsRefused(int more, StatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        var request = RequestOf(GatewayTransport.MaxRequestBytes + more);
        request.ResponseLength = 1;
        Assert.Equal(expected, await server.Client.UnaryAsync(request).ResponseAsync.StatusAsync());
    }

    [Theory]
    [InlineData(0, StatusCode.OK)]
    [InlineData(1, StatusCode.InvalidArgument)]
    public async Task Chat_RequestAtTheLimit_PassesOrIsRefusedWithAReason(int more, StatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat();
        var request = RequestOf(GatewayTransport.MaxRequestBytes + more);
        request.ResponseLength = 1;
        await call.RequestStream.WriteLastAsync(request, StatusCode.InvalidArgument);
        var reading = call.ResponseStream.MoveNext(CancellationToken.None);
        Assert.Equal(expected, await reading.StatusAsync());
        if (expected != StatusCode.OK)
        {
            Assert.True(RpcErrors.TryRead(await Assert.ThrowsAsync<RpcException>(() => reading), out var failure));
            Assert.Equal(ErrorReason.ChunkTooLarge, failure.Reason);
        }
    }

    [Theory]
    [InlineData(0, StatusCode.OK)]
    [InlineData(1, StatusCode.ResourceExhausted)]
    public async Task Repeat_ResponsesAtTheClientsLimit_PassOrEndTheCallWithoutAnErrorInTheServersLog(int more, StatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.CreateChannel(options => options.MaxReceiveMessageSize = ClientLimit);
        var client = new InteropService.InteropServiceClient(channel);
        using var call = client.Repeat(new EchoRequest { Count = 1000, ResponseLength = PayloadLengthFor(ClientLimit + more) });
        Assert.Equal(expected, await call.ResponseStream.MoveNext(CancellationToken.None).StatusAsync());

        // The server's log is checked when it has stopped.
        call.Dispose();
        await Eventually.TrueAsync(() => server.Calls.Ended == 1);
    }

    private static EchoRequest RequestOf(int size)
    {
        // The response's length takes two bytes.
        return new EchoRequest { Payload = ByteString.CopyFrom(new byte[PayloadLengthFor(size - 2)]) };
    }

    /// <summary>The length of the payload that makes a message so many bytes long.</summary>
    private static int PayloadLengthFor(int size)
    {
        var length = size - 2;
        while (new EchoRequest { Payload = ByteString.CopyFrom(new byte[length]) }.CalculateSize() > size)
        {
            length--;
        }

        return length;
    }
}
