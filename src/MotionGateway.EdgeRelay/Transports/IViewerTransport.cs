using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// What carries a viewer's feed: whole messages in, whole messages out. One loop receives, one sender sends; it knows nothing
/// of time, and waits as long as it is not aborted.
/// </summary>
internal interface IViewerTransport : IDisposable
{
    /// <summary>Receives a whole message, good until the next call.</summary>
    /// <returns>Null when the viewer has closed or is gone.</returns>
    /// <exception cref="GatewayException">The message is of the wrong type or too large; it has not been read to its end.</exception>
    ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync();

    /// <summary>Reads on to the viewer's close and throws away what comes before it.</summary>
    Task DrainAsync();

    /// <summary>Allows messages of their full size: the viewer has shown a token.</summary>
    void Trust();

    /// <summary>Sends a message. The next one is sent when this one's task has completed.</summary>
    /// <returns>False when the viewer is gone.</returns>
    ValueTask<bool> TrySendAsync(ReadOnlyMemory<byte> message);

    /// <summary>Sends the close that ends the feed.</summary>
    /// <param name="reason">Why; unspecified for a normal end.</param>
    Task CloseAsync(ErrorReason reason);

    /// <summary>Drops the connection: whatever waits for the viewer ends.</summary>
    void Abort();
}
