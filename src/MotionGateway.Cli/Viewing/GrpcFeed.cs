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

    public async Task SendAsync(SubscribeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _call.RequestStream.WriteAsync(request, cancellationToken);
        }
        catch (Exception failure) when (failure is RpcException or InvalidOperationException or IOException or HttpRequestException)
        {
            // The call is over: its reason is still to be read.
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async Task<SubscribeResponse?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _call.ResponseStream.MoveNext(cancellationToken) ? _call.ResponseStream.Current : null;
        }
        catch (RpcException failure) when (failure.StatusCode != StatusCode.Cancelled)
        {
            var reason = RpcErrors.TryRead(failure, out var told) ? told.Reason : ErrorReason.Unspecified;
            throw new FeedException(Failures.Describe(failure), reason, Failures.IsRetryable(failure));
        }
    }

    public ValueTask DisposeAsync()
    {
        _call.Dispose();
        return ValueTask.CompletedTask;
    }
}
