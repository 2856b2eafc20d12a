using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Cli.Output;

/// <summary>Says what a peer answered.</summary>
internal static class Failures
{
    /// <summary>One line for people: the reason, and what to do.</summary>
    public static string Describe(RpcException failure)
    {
        if (RpcErrors.TryRead(failure, out var told))
        {
            return Describe(told);
        }

        return failure.StatusCode == StatusCode.Unavailable
            ? "The gateway cannot be reached: start one with 'motiongateway gateway', or name its address with --gateway."
            : $"The gateway answered {failure.StatusCode}: {failure.Status.Detail}";
    }

    /// <summary>One line for people: the reason, and what to do.</summary>
    public static string Describe(Failure failure) => Describe(failure.Reason, failure.Message);

    /// <summary>One line for people: the reason, and what to do.</summary>
    public static string Describe(ErrorReason reason, string message) => $"{ErrorTable.GetName(reason)}: {message}";

    /// <summary>Whether making the same request again can help.</summary>
    public static bool IsRetryable(RpcException failure) =>
        RpcErrors.TryRead(failure, out var told) ? ErrorTable.Get(told.Reason).IsRetryable : failure.StatusCode == StatusCode.Unavailable;
}
