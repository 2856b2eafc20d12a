using Grpc.Core;
using Grpc.Net.Client;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Reading;

/// <summary>A feed from the gateway, over a connection of its own.</summary>
internal sealed class GrpcFeed : IFeedTransport
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<SubscribeRequest, SubscribeResponse> _call;

    public GrpcFeed(Uri address)
    {
        _channel = GatewayChannel.ForAddress(address);
        _call = new FeedService.FeedServiceClient(_channel).Subscribe();
    }

    public async Task SendAsync(SubscribeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _call.RequestStream.WriteAsync(request, cancellationToken);
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException or IOException)
        {
            // The end of the responses tells.
        }
    }

    public async Task<SubscribeResponse?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _call.ResponseStream.MoveNext(cancellationToken) ? _call.ResponseStream.Current : null;
        }
        catch (RpcException fault)
        {
            throw new FeedBrokenException(RpcErrors.TryRead(fault, out var failure) ? failure.Reason : ErrorReason.Unspecified, fault.Status.ToString());
        }
    }

    public ValueTask DisposeAsync()
    {
        _call.Dispose();
        _channel.Dispose();
        return ValueTask.CompletedTask;
    }
}
