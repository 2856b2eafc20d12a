using Google.Protobuf;
using Grpc.Core;
using Grpc.Lite.Tests.V1;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

public sealed class CallKindsTests
{
    [Fact]
    public async Task Unary_Payload_ComesBack()
    {
        await using var server = await TestServer.StartAsync();
        var response = await server.Client.UnaryAsync(new EchoRequest { Payload = ByteString.CopyFromUtf8("hello"), Text = "héllo" }).ResponseAsync.DefaultTimeout();
        Assert.Equal("hello", response.Payload.ToStringUtf8());
        Assert.Equal("héllo", response.Text);
    }

    [Fact]
    public async Task Unary_BlockingCall_ComesBack()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal("blocking", await Task.Run(() => server.Client.Unary(new EchoRequest { Text = "blocking" }).Text).DefaultTimeout());
    }

    [Fact]
    public async Task Collect_ManyRequests_AreCounted()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Collect();
        for (var index = 0; index < 100; index++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Payload = ByteString.CopyFrom(new byte[index]) }).DefaultTimeout();
        }

        await call.RequestStream.CompleteAsync().DefaultTimeout();
        var response = await call.ResponseAsync.DefaultTimeout();
        Assert.Equal(100, response.Index);
        Assert.Equal("4950", response.Text);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Repeat_Count_GivesSoManyResponses()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Repeat(new EchoRequest { Count = 250, ResponseLength = 3000 });
        var index = 0;
        await foreach (var response in call.ResponseStream.ReadAllAsync())
        {
            Assert.Equal(index++, response.Index);
            Assert.Equal(3000, response.Payload.Length);
        }

        Assert.Equal(250, index);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
    }

    [Fact]
    public async Task Chat_PingPong_AnswersEachRequestAtOnce()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat();
        for (var index = 0; index < 100; index++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = $"{index}" }).DefaultTimeout();
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
            Assert.Equal($"{index}", call.ResponseStream.Current.Text);
        }

        await call.RequestStream.CompleteAsync().DefaultTimeout();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
    }

    [Fact]
    public async Task Chat_WithoutARequest_EndsOk()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat();
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }
}
