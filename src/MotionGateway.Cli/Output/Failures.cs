using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Cli.Output;

/// <summary>Says what a peer answered.</summary>
internal static class Failures
{
    // A server without HTTP/2 says so; whether its words are read before it hangs up is a matter of luck.
    private static readonly string[] WordsOfHttp1 = ["HTTP_1_1_REQUIRED", "did not complete the HTTP/2 handshake"];

    /// <summary>The failure of a command that called a gateway.</summary>
    public static CommandException ToException(RpcException failure) => new(Describe(failure))
    {
        Reason = RpcErrors.TryRead(failure, out var told) ? ErrorTable.GetName(told.Reason) : failure.StatusCode.ToString().ToUpperInvariant(),
    };

    /// <summary>One line for people: the reason, and what to do.</summary>
    public static string Describe(RpcException failure)
    {
        if (RpcErrors.TryRead(failure, out var told))
        {
            return Describe(told);
        }

        if (IsFromHttp1(failure))
        {
            return "What listens there speaks HTTP/1.1 only and no gRPC: is it the address of a relay? Name the gateway's with --gateway.";
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

    private static bool IsFromHttp1(RpcException failure) =>
        Array.Exists(WordsOfHttp1, words => failure.Status.Detail.Contains(words, StringComparison.Ordinal));
}
