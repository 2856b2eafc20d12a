using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Protocol;

/// <summary>How one reason is told on each transport.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="StatusCode">Its gRPC status.</param>
/// <param name="Retry">Whether making the same request again can help.</param>
public sealed record ErrorRow(ErrorReason Reason, StatusCode StatusCode, RetryClass Retry)
{
    private const int NormalClosure = 1000;
    private const int RequestAtFault = 4000;
    private const int TryAgain = 4500;

    /// <summary>
    /// Its WebSocket close code: 4000 plus the reason's number where the request is at fault, 4500 plus the number where
    /// trying again can help. No failure is 1000, which no failure ever is.
    /// </summary>
    public int CloseCode =>
        Reason == ErrorReason.Unspecified ? NormalClosure : (IsRetryable ? TryAgain : RequestAtFault) + (int)Reason;

    /// <summary>Whether making the same request again can help.</summary>
    public bool IsRetryable => Retry != RetryClass.Never;

    /// <summary>How long to wait before the first retry, unless the failure knows better; null where none can help.</summary>
    public TimeSpan? RetryAfter => Retry switch
    {
        RetryClass.AtOnce => TimeSpan.Zero,
        RetryClass.Backoff => TimeSpan.FromSeconds(1),
        RetryClass.Later => TimeSpan.FromSeconds(30),
        _ => null,
    };
}
