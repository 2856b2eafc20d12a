using System.Net.WebSockets;

namespace MotionGateway.MotionServer;

/// <summary>The closing frame of a side that does not wait for the other's.</summary>
internal static class Goodbye
{
    /// <summary>How long a peer that is already lost or at fault may take to accept the frame.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Sends a closing frame where one can still be sent.</summary>
    /// <returns>Null, or why it was not sent; nothing depends on it.</returns>
    public static async Task<Exception?> SayAsync(WebSocket socket, WebSocketCloseStatus status, TimeProvider time)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return null;
        }

        try
        {
            using CancellationTokenSource limit = new(Limit, time);
            await socket.CloseOutputAsync(status, statusDescription: null, limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            return exception;
        }
    }
}
