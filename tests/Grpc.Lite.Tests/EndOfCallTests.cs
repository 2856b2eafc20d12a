using Google.Protobuf;
using Grpc.Core;
using Grpc.Lite.Tests.V1;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

public sealed class EndOfCallTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancel_ByTheClient_IsSeenByTheMethodAndNoError(bool byDispose)
    {
        await using var server = await TestServer.StartAsync();
        using var source = new CancellationTokenSource();
        using var call = server.Client.Repeat(new EchoRequest { Behavior = Behavior.Hang, Text = "cancel" }, cancellationToken: source.Token);
        await server.Calls.Waiting("cancel").DefaultTimeout();
        var reading = call.ResponseStream.MoveNext(CancellationToken.None);
        if (byDispose)
        {
            call.Dispose();
        }
        else
        {
            await source.CancelAsync();
        }

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => reading.DefaultTimeout())).StatusCode);
        await server.Calls.Cancelled("cancel").DefaultTimeout();
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Cancel_WhileTheMethodReads_IsNoError()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat();
        await call.RequestStream.WriteAsync(new EchoRequest()).DefaultTimeout();
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        call.Dispose();
        // A following call on the same connection shows that the server has seen the reset.
        await server.Client.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
    }

    [Fact]
    public async Task Cancel_OfOneRead_CancelsTheCall()
    {
        await using var server = await TestServer.StartAsync();
        using var source = new CancellationTokenSource();
        using var call = server.Client.Repeat(new EchoRequest { Behavior = Behavior.Hang, Text = "read" });
        await server.Calls.Waiting("read").DefaultTimeout();
        var reading = call.ResponseStream.MoveNext(source.Token);
        await source.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => reading.DefaultTimeout())).StatusCode);
        await server.Calls.Cancelled("read").DefaultTimeout();
    }

    [Fact]
    public async Task Cancel_DisposeTwiceAndAfterTheEnd_IsHarmless()
    {
        await using var server = await TestServer.StartAsync();
        var call = server.Client.UnaryAsync(new EchoRequest());
        await call.ResponseAsync.DefaultTimeout();
        call.Dispose();
        call.Dispose();
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Deadline_MethodHeedsIt_IsDeadlineExceeded()
    {
        await using var server = await TestServer.StartAsync();
        await TryDeadlinesAsync(async time =>
        {
            var name = $"deadline {time}";
            var exception = await Assert.ThrowsAsync<RpcException>(() => server.Client
                .UnaryAsync(new EchoRequest { Behavior = Behavior.Hang, Text = name }, deadline: DateTime.UtcNow + time).ResponseAsync.DefaultTimeout());
            Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
            return await HasReachedTheMethodAsync(server, name);
        });
    }

    [Fact]
    public async Task Deadline_InThePast_IsDeadlineExceeded()
    {
        await using var server = await TestServer.StartAsync();
        var exception = await Assert.ThrowsAsync<RpcException>(() =>
            server.Client.UnaryAsync(new EchoRequest(), deadline: DateTime.UtcNow.AddSeconds(-1)).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
    }

    [Fact]
    public async Task Deadline_MethodIgnoresIt_IsAnsweredAndLateWritesThrow()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new RawHttp2Client(server.Address);
        await TryDeadlinesAsync(async time =>
        {
            // A client without a clock of its own: the answer comes from the server.
            var name = $"ignore {time}";
            var request = new EchoRequest { Behavior = Behavior.IgnoreCancellation, Text = name }.ToByteArray();
            var response = await client.PostAsync(
                "/grpclite.test.v1.InteropService/Repeat", RawHttp2Client.Frame(request), headers: ("grpc-timeout", $"{time.TotalMilliseconds}m")).DefaultTimeout();
            Assert.Equal($"{(int)StatusCode.DeadlineExceeded}", RawHttp2Client.Value(response, "grpc-status"));
            var hasReached = await HasReachedTheMethodAsync(server, name);
            server.Calls.Release(name);
            if (hasReached)
            {
                Assert.IsType<InvalidOperationException>(await server.Calls.LateWrite(name).DefaultTimeout());
            }

            return hasReached;
        });
    }

    [Fact]
    public async Task Deadline_WhileTheClientStreams_IsDeadlineExceeded()
    {
        await using var server = await TestServer.StartAsync();
        await TryDeadlinesAsync(async time =>
        {
            using var call = server.Client.Collect(deadline: DateTime.UtcNow + time);
            var first = await call.RequestStream.WriteAsync(new EchoRequest()).StatusAsync();
            Assert.Equal(StatusCode.DeadlineExceeded, await call.ResponseAsync.StatusAsync());
            Assert.Equal(StatusCode.DeadlineExceeded, await call.RequestStream.WriteAsync(new EchoRequest()).StatusAsync());
            return first == StatusCode.OK;
        });
    }

    [Fact]
    public async Task EarlyEnd_WhileTheClientWrites_GivesTheStatusOfTheResponse()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Collect();
        var payload = ByteString.CopyFrom(new byte[100_000]);
        var exception = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Behavior = Behavior.Refuse }).DefaultTimeout();
            while (true)
            {
                await call.RequestStream.WriteAsync(new EchoRequest { Payload = payload }).DefaultTimeout();
            }
        });
        Assert.Equal(StatusCode.PermissionDenied, exception.StatusCode);
        exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.PermissionDenied, exception.StatusCode);
        Assert.Equal("refused", exception.Status.Detail);
    }

    [Fact]
    public async Task EarlyEnd_WithOk_GivesTheResponse()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Collect();
        await call.RequestStream.WriteAsync(new EchoRequest()).DefaultTimeout();
        await call.RequestStream.WriteLastAsync(new EchoRequest { Behavior = Behavior.EndEarly }, StatusCode.OK);
        Assert.Equal(1, (await call.ResponseAsync.DefaultTimeout()).Index);
    }

    [Fact]
    public async Task EarlyEnd_OfAChat_EndsTheResponses()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat();
        await call.RequestStream.WriteLastAsync(new EchoRequest { Behavior = Behavior.EndEarly }, StatusCode.OK);
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Theory]
    [InlineData("grpclite.test.v1.InteropService", "Unknown", "Method is unimplemented.")]
    [InlineData("grpclite.test.v1.Unknown", "Unary", "Service is unimplemented.")]
    public async Task Unimplemented_MethodOrService_IsUnimplemented(string service, string name, string detail)
    {
        await using var server = await TestServer.StartAsync();
        var marshaller = Marshallers.Create(message => message, bytes => bytes);
        var method = new Method<byte[], byte[]>(MethodType.Unary, service, name, marshaller, marshaller);
        var call = server.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, []);
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Unimplemented, exception.StatusCode);
        Assert.Equal(detail, exception.Status.Detail);
    }

    [Fact]
    public async Task Status_BeforeTheEnd_Throws()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Chat();
        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(() => call.GetTrailers());
    }

    [Fact]
    public async Task Write_AfterComplete_Throws()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.Collect();
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new EchoRequest()).DefaultTimeout());
    }

    // A short deadline may pass before the call has come to what is tested: then a longer one is tried.
    private static async Task TryDeadlinesAsync(Func<TimeSpan, Task<bool>> attempt)
    {
        var time = TimeSpan.FromMilliseconds(200);
        while (!await attempt(time))
        {
            time *= 4;
            Assert.True(time < TaskTimeoutExtensions.Limit, "The call never came so far.");
        }
    }

    // A method that has begun sees the deadline, sooner or later.
    private static async Task<bool> HasReachedTheMethodAsync(TestServer server, string name)
    {
        if (!server.Calls.Waiting(name).IsCompleted)
        {
            return false;
        }

        await server.Calls.Cancelled(name).DefaultTimeout();
        return true;
    }
}
