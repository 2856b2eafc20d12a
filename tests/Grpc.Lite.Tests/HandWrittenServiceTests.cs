using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

public sealed class HandWrittenServiceTests
{
    [Fact]
    public async Task Duplex_OwnMarshallers_SendTheirBytesAsTheyAre()
    {
        await using var server = await StartAsync();
        using var call = server.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(RawBytesService.Twice, null, default);
        foreach (var length in new[] { 0, 1, 5000, 100_000, 3 })
        {
            var request = new byte[length];
            Random.Shared.NextBytes(request);
            await call.RequestStream.WriteAsync(request).DefaultTimeout();
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
            Assert.Equal([.. request, .. request], call.ResponseStream.Current.Head);
            Assert.True(call.ResponseStream.Current.TellsLength);
        }
    }

    [Fact]
    public async Task Unary_OwnMarshallers_SendTheirBytesAsTheyAre()
    {
        await using var server = await StartAsync();
        var call = server.Channel.CreateCallInvoker().AsyncUnaryCall(RawBytesService.TwiceOnce, null, default, [1, 2, 3]);
        Assert.Equal([1, 2, 3, 1, 2, 3], (await call.ResponseAsync.DefaultTimeout()).Head);
    }

    [Fact]
    public async Task Writes_WithBufferHint_ArriveWithTheLastOne()
    {
        await using var server = await StartAsync();
        using var call = server.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(RawBytesService.Twice, null, default);
        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        for (var index = 0; index < 100; index++)
        {
            await call.RequestStream.WriteAsync([(byte)index]).DefaultTimeout();
        }

        call.RequestStream.WriteOptions = null;
        await call.RequestStream.WriteAsync([100]).DefaultTimeout();
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        for (var index = 0; index <= 100; index++)
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
            Assert.Equal([(byte)index, (byte)index], call.ResponseStream.Current.Head);
        }

        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
    }

    [Fact]
    public async Task Service_NotInTheContainer_IsMadeAndDisposedPerCall()
    {
        var instances = new InstanceCounter();
        await using var server = await StartAsync(instances);
        for (var index = 0; index < 3; index++)
        {
            await server.Channel.CreateCallInvoker().AsyncUnaryCall(RawBytesService.TwiceOnce, null, default, []).ResponseAsync.DefaultTimeout();
        }

        await Eventually.TrueAsync(() => instances.Disposed == 3);
        Assert.Equal(3, instances.Made);
    }

    private static Task<TestServer> StartAsync(InstanceCounter? instances = null) => TestServer.StartAsync(
        configureServices: services => services.AddSingleton(instances ?? new InstanceCounter()),
        map: app => app.MapGrpcService<DoublingService>());

    private sealed class InstanceCounter
    {
        private int _made;
        private int _disposed;

        public int Made => Volatile.Read(ref _made);

        public int Disposed => Volatile.Read(ref _disposed);

        public void Make() => Interlocked.Increment(ref _made);

        public void Dispose() => Interlocked.Increment(ref _disposed);
    }

    private sealed class DoublingService : RawBytesService.RawBytesServiceBase, IDisposable
    {
        private readonly InstanceCounter _instances;

        public DoublingService(InstanceCounter instances)
        {
            _instances = instances;
            instances.Make();
        }

        public override async Task Twice(IAsyncStreamReader<byte[]> requestStream, IServerStreamWriter<RawResponse> responseStream, ServerCallContext context)
        {
            var count = 0;
            await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
            {
                // Every third of the short ones is held back, so that both ways of flushing are met.
                responseStream.WriteOptions = request.Length == 1 && ++count % 3 == 0 ? new WriteOptions(WriteFlags.BufferHint) : null;
                await responseStream.WriteAsync(new RawResponse(request, request, TellsLength: request.Length > 1), context.CancellationToken);
            }
        }

        public override Task<RawResponse> TwiceOnce(byte[] request, ServerCallContext context)
        {
            Assert.Equal(StatusCodes.Status200OK, context.GetHttpContext().Response.StatusCode);
            return Task.FromResult(new RawResponse(request, request, TellsLength: false));
        }

        public void Dispose() => _instances.Dispose();
    }
}
