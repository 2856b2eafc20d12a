using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

public sealed class RequestLoopTests
{
    [Fact]
    public async Task Run_ADefectInHandlingARequest_EndsTheStreamWithItsStack()
    {
        using var responses = new ResponseLoop(new BoundedWriter<EncodedResponse>(new Responses(), () => { }, TimeSpan.FromSeconds(15), TimeProvider.System), new GatewayOptions(), TimeProvider.System);
        var loop = Create(responses, new OneRequest(), _ => throw new NotSupportedException("a defect"));

        await loop.RunAsync(CancellationToken.None).DefaultTimeout();
        var thrown = await Assert.ThrowsAsync<NotSupportedException>(() => responses.RunAsync(CancellationToken.None).DefaultTimeout());

        Assert.Contains(nameof(Run_ADefectInHandlingARequest_EndsTheStreamWithItsStack), thrown.StackTrace, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_ARequestThatCannotBeRead_EndsTheStream(bool isFirst)
    {
        using var responses = new ResponseLoop(new BoundedWriter<EncodedResponse>(new Responses(), () => { }, TimeSpan.FromSeconds(15), TimeProvider.System), new GatewayOptions(), TimeProvider.System);
        var loop = Create(responses, new Broken(), _ => { });

        if (isFirst)
        {
            await Assert.ThrowsAsync<RequestFault>(() => loop.ReadFirstAsync(CancellationToken.None).DefaultTimeout());
            return;
        }

        await loop.RunAsync(CancellationToken.None).DefaultTimeout();
        await Assert.ThrowsAsync<RequestFault>(() => responses.RunAsync(CancellationToken.None).DefaultTimeout());
    }

    private static RequestLoop<SpeakRequest> Create(ResponseLoop responses, IAsyncStreamReader<SpeakRequest> requests, Action<SpeakRequest> handle) =>
        new(requests, responses, new PeerWatch(new GatewayOptions(), TimeProvider.System), TimeSpan.FromMinutes(1), TimeProvider.System)
        {
            IsHeartbeat = _ => false,
            Handle = handle,
        };

    private sealed class OneRequest : IAsyncStreamReader<SpeakRequest>
    {
        public SpeakRequest Current { get; } = new();

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(true);
    }

    private sealed class Broken : IAsyncStreamReader<SpeakRequest>
    {
        public SpeakRequest Current => throw new InvalidOperationException();

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromException<bool>(new IOException("no message"));
    }

    private sealed class Responses : IServerStreamWriter<EncodedResponse>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(EncodedResponse message) => Task.CompletedTask;
    }
}
