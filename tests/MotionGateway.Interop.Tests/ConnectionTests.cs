using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MotionGateway.Gateway;
using MotionGateway.Interop.Tests.V1;
using MotionGateway.Protocol;
using MotionGateway.Testing;

namespace MotionGateway.Interop.Tests;

/// <summary>Many streams on one connection, and ends of connections, with the settings of the gateway and of its clients.</summary>
public sealed class ConnectionTests
{
    private const int StreamWindow = GatewayTransport.StreamWindowBytes;

    // A connection that only answers slowly must live until it is frozen.
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Streams_TwoHundredAndFiftyOnOneConnection_GoOnSideBySide()
    {
        await using var server = await TestServer.StartAsync();
        using var handler = OneConnection();
        using var channel = server.CreateChannel(options => options.HttpHandler = handler);
        var client = new InteropService.InteropServiceClient(channel);
        var calls = Enumerable.Range(0, 250).Select(_ => client.Chat()).ToArray();
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(calls.Select(call => PingAsync(call, round))).DefaultTimeout();
        }

        await Task.WhenAll(calls.Select(call => call.RequestStream.CompleteAsync())).DefaultTimeout();
        Assert.All(await Task.WhenAll(calls.Select(call => call.ResponseStream.MoveNext(CancellationToken.None))).DefaultTimeout(), Assert.False);
    }

    [Fact]
    public async Task Streams_BeyondTheServersLimit_UseAnotherConnection()
    {
        await using var server = await TestServer.StartAsync();
        var calls = Enumerable.Range(0, GatewayTransport.MaxStreamsPerConnection + 20).Select(_ => server.Client.Chat()).ToArray();
        await Task.WhenAll(calls.Select(call => PingAsync(call, 0))).DefaultTimeout();
        Array.ForEach(calls, call => call.Dispose());
    }

    [Fact]
    public async Task Streams_TwoWhoseMethodsDoNotRead_LetOthersGoOn()
    {
        await using var server = await TestServer.StartAsync();
        using var handler = OneConnection();
        using var channel = server.CreateChannel(options => options.HttpHandler = handler);
        var client = new InteropService.InteropServiceClient(channel);
        using var first = client.Collect();
        using var second = client.Collect();
        var firstWrite = await StallServerAsync(server, first.RequestStream, Behavior.IgnoreCancellation, "first");
        var secondWrite = await StallServerAsync(server, second.RequestStream, Behavior.IgnoreCancellation, "second");
        using var other = client.Chat();
        for (var round = 0; round < 10; round++)
        {
            await PingAsync(other, round).DefaultTimeout();
        }

        var response = await client.UnaryAsync(new EchoRequest { Payload = ByteString.CopyFrom(new byte[1_000_000]) }).ResponseAsync.DefaultTimeout();
        Assert.Equal(1_000_000, response.Payload.Length);
        server.Calls.Release("first");
        server.Calls.Release("second");
        await Task.WhenAll(firstWrite, secondWrite).DefaultTimeout();
    }

    [Fact]
    public async Task EarlyEnd_WhileAWriteWaitsForTheWindow_GivesTheStatusOfTheResponse()
    {
        // The write itself may be told that it was cancelled: why the call ended is told where its answer is read.
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Collect();
        var writing = await StallServerAsync(server, call.RequestStream, Behavior.RefuseWhenReleased, "refuse");
        server.Calls.Release("refuse");
        var fault = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
        Assert.Equal((StatusCode.PermissionDenied, "refused"), (fault.StatusCode, fault.Status.Detail));
        await Assert.ThrowsAnyAsync<Exception>(() => writing.DefaultTimeout());
    }

    [Fact]
    public async Task EarlyEnd_OfAChatWhileAWriteWaitsForTheWindow_GivesTheStatusWhereItIsRead()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat();
        var writing = await StallServerAsync(server, call.RequestStream, Behavior.RefuseWhenReleased, "refuse");
        server.Calls.Release("refuse");
        var fault = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.Equal((StatusCode.PermissionDenied, "refused"), (fault.StatusCode, fault.Status.Detail));
        await Assert.ThrowsAnyAsync<Exception>(() => writing.DefaultTimeout());
    }

    [Fact]
    public async Task Streams_TwoThatTheClientDoesNotRead_LetOthersGoOn()
    {
        await using var server = await TestServer.StartAsync();
        using var handler = OneConnection();
        using var channel = server.CreateChannel(options => options.HttpHandler = handler);
        var client = new InteropService.InteropServiceClient(channel);
        var request = new EchoRequest { Count = 1000, ResponseLength = 100_000 };
        using var first = client.Repeat(request);
        using var second = client.Repeat(request);
        Assert.True(await first.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.True(await second.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        using var other = client.Chat();
        for (var round = 0; round < 10; round++)
        {
            await PingAsync(other, round).DefaultTimeout();
        }
    }

    [Fact]
    public async Task Connect_NobodyListens_IsUnavailable()
    {
        // Bound and not listening: the port refuses connections, and nobody else can take it.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var channel = GrpcChannel.ForAddress($"http://{socket.LocalEndPoint}");
        var client = new InteropService.InteropServiceClient(channel);
        var exception = await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        using var call = client.Chat();
        exception = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new EchoRequest()).DefaultTimeout());
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
    }

    [Fact]
    public async Task Connection_Broken_IsUnavailable()
    {
        await using var server = await TestServer.StartAsync();
        await using var proxy = new BreakableProxy(new Uri(server.Address).Port);
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        using var call = new InteropService.InteropServiceClient(channel).Chat();
        await PingAsync(call, 0).DefaultTimeout();
        var reading = call.ResponseStream.MoveNext(CancellationToken.None);
        proxy.Break();
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => reading.DefaultTimeout())).StatusCode);
        Assert.Equal(
            StatusCode.Unavailable,
            (await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new EchoRequest()).DefaultTimeout())).StatusCode);
    }

    [Fact]
    public async Task Connection_Frozen_EndsTheCallByKeepAlive()
    {
        await using var server = await TestServer.StartAsync();
        await using var proxy = new BreakableProxy(new Uri(server.Address).Port);
        using var handler = new SocketsHttpHandler { KeepAlivePingDelay = TimeSpan.FromSeconds(1), KeepAlivePingTimeout = PingTimeout };
        using var channel = GrpcChannel.ForAddress(proxy.Address, new GrpcChannelOptions { HttpHandler = handler });
        using var call = new InteropService.InteropServiceClient(channel).Chat();
        await PingAsync(call, 0).DefaultTimeout();
        proxy.Freeze();
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        // The official client may take it for an error in the protocol.
        Assert.Contains(exception.StatusCode, new[] { StatusCode.Unavailable, StatusCode.Internal });
    }

    [Fact]
    public async Task Connection_ClientFrozen_IsCancelledByKeepAliveOfTheServer()
    {
        await using var server = await TestServer.StartAsync(configureKestrel: options =>
        {
            options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(1);
            options.Limits.Http2.KeepAlivePingTimeout = PingTimeout;
        });
        await using var proxy = new BreakableProxy(new Uri(server.Address).Port);
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        using var call = new InteropService.InteropServiceClient(channel).Repeat(new EchoRequest { Behavior = Behavior.Hang, Text = "frozen" });
        await server.Calls.Waiting("frozen").DefaultTimeout();
        proxy.Freeze();
        await server.Calls.Cancelled("frozen").DefaultTimeout();
    }

    [Fact]
    public async Task Limits_OfKestrel_DoNotEndAnIdleOrLongStream()
    {
        var grace = TimeSpan.FromSeconds(1.5);
        await using var server = await TestServer.StartAsync(configureKestrel: options =>
        {
            options.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1000, grace);
            options.Limits.MaxRequestBodySize = 1000;
        });
        using var call = server.Client.Chat();
        await PingAsync(call, 0).DefaultTimeout();
        await Task.Delay(2 * grace);
        await PingAsync(call, 1).DefaultTimeout();
        var payload = ByteString.CopyFrom(new byte[2000]);
        await call.RequestStream.WriteAsync(new EchoRequest { Payload = payload }).DefaultTimeout();
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.Equal(payload, call.ResponseStream.Current.Payload);
    }

    private static SocketsHttpHandler OneConnection()
    {
        var handler = GatewayChannel.CreateHandler();
        handler.EnableMultipleHttp2Connections = false;
        return handler;
    }

    private static async Task PingAsync(AsyncDuplexStreamingCall<EchoRequest, EchoResponse> call, int round)
    {
        await call.RequestStream.WriteAsync(new EchoRequest { Text = $"{round}" });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal($"{round}", call.ResponseStream.Current.Text);
    }

    /// <summary>Writes to a method that does not read, until the stream's window is full.</summary>
    /// <returns>The write that waits.</returns>
    private static async Task<Task> StallServerAsync(
        TestServer server, IClientStreamWriter<EchoRequest> requests, Behavior behavior, string name)
    {
        await requests.WriteAsync(new EchoRequest { Behavior = behavior, Text = name });
        await server.Calls.Waiting(name).DefaultTimeout();
        var quarter = new EchoRequest { Payload = ByteString.CopyFrom(new byte[StreamWindow / 4]) };
        for (var count = 0; count < 3; count++)
        {
            await requests.WriteAsync(quarter).DefaultTimeout();
        }

        // With the frames' headers four quarters are more than the window.
        var writing = requests.WriteAsync(quarter);
        await Task.WhenAny(writing, Task.Delay(TimeSpan.FromMilliseconds(200)));
        Assert.False(writing.IsCompleted, "the stream's window did not fill up");
        return writing;
    }
}
