using static MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer;

/// <summary>From a WebSocket close code to a stable code and a retry class, as data; the first match wins.</summary>
internal static class CloseCodeRules
{
    // A connection that is lost without a word, or with an unknown code, counts as a fault of the network.
    private static readonly CloseCodeRule NetworkFault = new(0, 0, ConnectionClosed, MotionServerRetry.Backoff);

    public static IReadOnlyList<CloseCodeRule> Ordered { get; } =
    [
        new(4001, 4001, CreditsExhausted, MotionServerRetry.Never),
        new(4002, 4002, SessionDurationExceeded, MotionServerRetry.Immediate),
        new(4003, 4003, ConcurrencyLimit, MotionServerRetry.Delayed),
        new(4010, 4010, SessionTokenInvalid, MotionServerRetry.FreshToken),
        new(4503, 4503, UpstreamError, MotionServerRetry.Backoff),
        new(4000, 4099, ConnectionClosed, MotionServerRetry.Never),
        new(4500, 4599, ConnectionClosed, MotionServerRetry.Backoff),
    ];

    /// <summary>Whether a close with this code is a normal end.</summary>
    public static bool IsNormal(int? closeCode) => closeCode is 1000 or 1001;

    /// <summary>What a close means that is no normal end.</summary>
    /// <param name="closeCode">The code; null when none came.</param>
    public static CloseCodeRule Classify(int? closeCode) => Find(closeCode) ?? NetworkFault;

    /// <summary>The rule that names the code; null when none does.</summary>
    /// <param name="closeCode">The code; null when none came.</param>
    public static CloseCodeRule? Find(int? closeCode)
    {
        foreach (CloseCodeRule rule in Ordered)
        {
            if (closeCode >= rule.From && closeCode <= rule.Through)
            {
                return rule;
            }
        }

        return null;
    }
}
