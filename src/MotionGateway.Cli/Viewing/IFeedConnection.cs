using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>One connection that carries a feed, over gRPC or over a WebSocket.</summary>
internal interface IFeedConnection : IAsyncDisposable
{
    /// <summary>Sends a request. One at a time.</summary>
    /// <exception cref="FeedException">The connection is lost, or was ended by the server.</exception>
    Task SendAsync(SubscribeRequest request, CancellationToken cancellationToken);

    /// <summary>Waits for the next response. One at a time.</summary>
    /// <returns>Null when the server ended the feed regularly.</returns>
    /// <exception cref="FeedException">The connection is lost, or was ended by the server.</exception>
    Task<SubscribeResponse?> ReceiveAsync(CancellationToken cancellationToken);
}
