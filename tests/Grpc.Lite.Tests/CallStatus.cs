using Grpc.Core;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

/// <summary>How a step of a call went.</summary>
internal static class CallStatus
{
    /// <summary>The status that a step failed with; OK when it did not.</summary>
    public static async Task<StatusCode> StatusAsync(this Task step)
    {
        try
        {
            await step.DefaultTimeout();
            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            return exception.StatusCode;
        }
    }

    /// <summary>
    /// Writes a request that ends the call. The end may come while the write is still being flushed, which then fails with the
    /// call's status.
    /// </summary>
    public static async Task WriteLastAsync<T>(this IClientStreamWriter<T> requests, T request, StatusCode status)
    {
        try
        {
            await requests.WriteAsync(request).DefaultTimeout();
        }
        catch (RpcException exception) when (exception.StatusCode == status)
        {
            // The call ended as it should.
        }
    }
}
