using Grpc.Core;
using MotionGateway.Testing;

namespace MotionGateway.Interop.Tests;

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
    /// Writes a request that ends the call. The end may come while the write is still being flushed, which then fails: with the
    /// call's status, or as cancelled.
    /// </summary>
    public static async Task WriteLastAsync<T>(this IClientStreamWriter<T> requests, T request, StatusCode status)
    {
        try
        {
            await requests.WriteAsync(request).DefaultTimeout();
        }
        catch (RpcException exception) when (exception.StatusCode == status || exception.StatusCode == StatusCode.Cancelled)
        {
            // The call ended as it should.
        }
    }
}
