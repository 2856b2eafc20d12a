using Grpc.Core;

namespace MotionGateway.Gateway.Tests;

internal static class RequestStreamExtensions
{
    /// <summary>Writes to a call that the server may have ended by now: reading on tells why.</summary>
    public static async Task WriteUnlessEndedAsync<T>(this IClientStreamWriter<T> requests, T message)
    {
        try
        {
            await requests.WriteAsync(message);
        }
        catch (Exception fault) when (fault is RpcException or InvalidOperationException or IOException)
        {
            // The end of the responses carries the status.
        }
    }
}
