using Grpc.Core;
using MotionGateway.Cli.Output;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>A feed straight from a gateway.</summary>
internal sealed class GrpcFeed : IFeedConnection
{
    private readonly AsyncDuplexStreamingCall<SubscribeRequest, SubscribeResponse> _call;

    public GrpcFeed(FeedService.FeedServiceClient client) => _call = client.Subscribe();

    public Task SendAsync(SubscribeRequest request, CancellationToken cancellationToken) =>
        TellAsync(async () =>
        {
            await _call.RequestStream.WriteAsync(request, cancellationToken);
            return true;
        });

    public Task<SubscribeResponse?> ReceiveAsync(CancellationToken cancellationToken) =>
        TellAsync(async () => await _call.ResponseStream.MoveNext(cancellationToken) ? _call.ResponseStream.Current : null);

    public ValueTask DisposeAsync()
    {
        _call.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<T> TellAsync<T>(Func<Task<T>> step)
    {
        try
        {
            return await step();
        }
        catch (RpcException failure) when (failure.StatusCode != StatusCode.Cancelled)
        {
            var reason = RpcErrors.TryRead(failure, out var told) ? told.Reason : ErrorReason.Unspecified;
            throw new FeedException(Failures.Describe(failure), reason, Failures.IsRetryable(failure));
        }
    }
}
