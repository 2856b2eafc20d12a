using Grpc.Core;
using MotionGateway.Cli.Connecting;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Cli.Output;

/// <summary>Says what a peer answered.</summary>
internal static class Failures
{
    private const string NoGateway = "What listens there speaks no HTTP/2: is it the address of a relay? Name the gateway's with --gateway.";

    // A server without HTTP/2 says so; whether its words are read before it hangs up is a matter of luck. One that does TLS, or that
    // wants a certificate, only hangs up.
    private const string WordsOfHttp1 = "HTTP_1_1_REQUIRED";
    private const string WordsOfHangingUp = "did not complete the HTTP/2 handshake";

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

        if (TlsFailures.Describe(failure.Status.DebugException) is { } problem)
        {
            return problem;
        }

        if (Says(failure, WordsOfHttp1))
        {
            return NoGateway;
        }

        if (Says(failure, WordsOfHangingUp))
        {
            return $"{NoGateway} A gateway with TLS is called by https://, and may want a certificate, which --cert and --key name.";
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
        RpcErrors.TryRead(failure, out var told) ? ErrorTable.Get(told.Reason).IsRetryable
        : failure.StatusCode == StatusCode.Unavailable && TlsFailures.Describe(failure.Status.DebugException) is null;

    private static bool Says(RpcException failure, string words) => failure.Status.Detail.Contains(words, StringComparison.Ordinal);
}
