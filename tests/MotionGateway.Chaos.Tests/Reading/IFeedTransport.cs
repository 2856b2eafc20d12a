using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Reading;

/// <summary>One feed: a gRPC call to the gateway, or a WebSocket to a relay.</summary>
internal interface IFeedTransport : IAsyncDisposable
{
    Task SendAsync(SubscribeRequest request, CancellationToken cancellationToken);

    /// <summary>The next response; null at the regular end.</summary>
    /// <exception cref="FeedBrokenException">It ended otherwise.</exception>
    Task<SubscribeResponse?> ReceiveAsync(CancellationToken cancellationToken);
}
