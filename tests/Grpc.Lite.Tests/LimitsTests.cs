using Google.Protobuf;
using Grpc.Core;
using Grpc.Lite.Tests.V1;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

public sealed class LimitsTests
{
    private const int DefaultLimit = 4 * 1024 * 1024;

    [Fact]
    public async Task Receive_ExactlyTheDefaultLimit_PassesBothWays()
    {
        await using var server = await TestServer.StartAsync();
        var request = RequestOf(DefaultLimit);
        var response = await server.Client.UnaryAsync(request).ResponseAsync.DefaultTimeout();
        Assert.Equal(request.Payload.Length, response.Payload.Length);
    }

    [Fact]
    public async Task Receive_OneByteMoreOnTheServer_IsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync();
        var exception = await Assert.ThrowsAsync<RpcException>(() => server.Client.UnaryAsync(RequestOf(DefaultLimit + 1)).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
    }

    [Theory]
    [InlineData(0, StatusCode.OK)]
    [InlineData(1, StatusCode.ResourceExhausted)]
    public async Task Receive_AtTheClientsLimit_PassesOrIsRefused(int more, StatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.CreateChannel(options => options.MaxReceiveMessageSize = 10_000);
        using var call = new InteropService.InteropServiceClient(channel).Repeat(new EchoRequest { Count = 1, ResponseLength = PayloadLengthFor(10_000 + more) });
        var status = await call.ResponseStream.MoveNext(CancellationToken.None).StatusAsync();
        Assert.Equal(expected, status);
        if (status == StatusCode.OK)
        {
            Assert.Equal(10_000, call.ResponseStream.Current.CalculateSize());
        }
    }

    [Theory]
    [InlineData(0, StatusCode.OK)]
    [InlineData(1, StatusCode.ResourceExhausted)]
    public async Task Receive_InAStreamAtTheServersLimit_PassesOrIsRefused(int more, StatusCode expected)
    {
        await using var server = await TestServer.StartAsync(options => options.MaxReceiveMessageSize = 10_000);
        using var call = server.Client.Chat();
        await call.RequestStream.WriteLastAsync(RequestOf(10_000 + more), StatusCode.ResourceExhausted);
        Assert.Equal(expected, await call.ResponseStream.MoveNext(CancellationToken.None).StatusAsync());
    }

    [Theory]
    [InlineData(0, StatusCode.OK)]
    [InlineData(1, StatusCode.ResourceExhausted)]
    public async Task Send_AtTheServersLimit_PassesOrIsRefused(int more, StatusCode expected)
    {
        await using var server = await TestServer.StartAsync(options => options.MaxSendMessageSize = 10_000);
        Assert.Equal(expected, await server.Client.UnaryAsync(new EchoRequest { ResponseLength = PayloadLengthFor(10_000 + more) }).ResponseAsync.StatusAsync());
    }

    [Theory]
    [InlineData(0, StatusCode.OK)]
    [InlineData(1, StatusCode.ResourceExhausted)]
    public async Task Send_AtTheClientsLimit_PassesOrIsRefused(int more, StatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.CreateChannel(options => options.MaxSendMessageSize = 10_000);
        var client = new InteropService.InteropServiceClient(channel);
        Assert.Equal(expected, await client.UnaryAsync(RequestOf(10_000 + more)).ResponseAsync.StatusAsync());
        using var call = client.Chat();
        Assert.Equal(expected, await call.RequestStream.WriteAsync(RequestOf(10_000 + more)).StatusAsync());
    }

    [Fact]
    public async Task Receive_NoLimit_TakesLongMessages()
    {
        await using var server = await TestServer.StartAsync(options => options.MaxReceiveMessageSize = null);
        using var channel = server.CreateChannel(options => options.MaxReceiveMessageSize = null);
        var response = await new InteropService.InteropServiceClient(channel).UnaryAsync(RequestOf(20_000_000)).ResponseAsync.DefaultTimeout();
        Assert.Equal(PayloadLengthFor(20_000_000), response.Payload.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_379)]
    [InlineData(16_380)]
    [InlineData(70_000)]
    [InlineData(1_000_003)]
    public async Task Chat_MessagesOfAnyLength_ComeBackWhole(int length)
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat();
        var payload = new byte[length];
        new Random(length).NextBytes(payload);
        var writing = WriteAllAsync();
        var count = 0;
        await foreach (var response in call.ResponseStream.ReadAllAsync())
        {
            Assert.True(response.Payload.Span.SequenceEqual(payload));
            count++;
        }

        await writing.DefaultTimeout();
        Assert.Equal(5, count);

        // Beside the reading: neither side would read if both only wrote.
        async Task WriteAllAsync()
        {
            for (var index = 0; index < 5; index++)
            {
                await call.RequestStream.WriteAsync(new EchoRequest { Payload = ByteString.CopyFrom(payload) });
            }

            await call.RequestStream.CompleteAsync();
        }
    }

    private static EchoRequest RequestOf(int size) => new() { Payload = ByteString.CopyFrom(new byte[PayloadLengthFor(size)]) };

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
