namespace MotionGateway.Cli.Checking;

/// <summary>What helps an operator against what a gateway answers.</summary>
internal static class Remedies
{
    /// <summary>What helps when the gateway does not get through to the Motion Server.</summary>
    public const string Way =
        "See whether the gateway's machine reaches the Motion Server at Gateway:MotionServer:ConsoleUrl and IngressUrl, or by its Region.";

    /// <summary>What helps when the gateway does not know the caller.</summary>
    public const string Credential = "Name a file of a good API key with --api-key-file, or a certificate with --cert and --key.";

    private const string Else = "Look the reason up in docs/operations.md, under 'Fix it', and look at the gateway's log.";

    private const string Credentials = "Correct Gateway:MotionServer:AppId, ApiKey and Region: the Motion Server does not take them.";

    private const string Motion = "The Motion Server takes speech and makes no motion of it: ask its operator, or name another --avatar.";

    private const string Plan = "Wait until other sessions have ended, or raise the plan's limits at the provider.";

    private const string Room = "Wait until sessions have ended, raise Gateway:MaxSessions and Gateway:MaxTotalBytes, or add a gateway.";

    private static readonly Dictionary<string, string> OfReasons = new(StringComparer.Ordinal)
    {
        ["SESSION_LIMIT"] = Room,
        ["MEMORY_LIMIT"] = Room,
        ["CALLER_LIMIT"] = "Wait until the caller's sessions have ended, or raise its limits.",
        ["SHUTTING_DOWN"] = "Wait until it is back, or name another gateway with --gateway.",
        ["CREDENTIAL_INVALID"] = Credential,
        ["NOT_PERMITTED"] = "Give the credential the scope that is missing.",
        ["MOTION_SERVER_SESSION_TOKEN_INVALID"] = Credentials,
        ["MOTION_SERVER_SESSION_TOKEN_EXPIRED"] = "Set the clock of the gateway's machine by NTP.",
        ["MOTION_SERVER_APP_ID_UNRECOGNIZED"] = Credentials,
        ["MOTION_SERVER_APP_ID_MISMATCH"] = Credentials,
        ["MOTION_SERVER_AVATAR_NOT_FOUND"] = "Name an avatar of the gateway's app with --avatar.",
        ["MOTION_SERVER_BILLING_REQUIRED"] = Plan,
        ["MOTION_SERVER_CREDITS_EXHAUSTED"] = Plan,
        ["MOTION_SERVER_CONCURRENCY_LIMIT"] = Plan,
        ["MOTION_SERVER_CONNECTION_FAILED"] = Way,
        ["MOTION_SERVER_CONNECTION_CLOSED"] = Way,
        ["MOTION_SERVER_PROTOCOL_ERROR"] = Way,
        ["MOTION_SERVER_SERVER_ERROR"] = Motion,
        ["MOTION_SERVER_UPSTREAM_ERROR"] = Motion,
        ["MOTION_TIMEOUT"] = Motion,
        ["MOTION_INCOMPLETE"] = Motion,
    };

    /// <summary>What helps.</summary>
    /// <param name="reason">The gateway's reason, such as <c>SESSION_LIMIT</c>; null when it gave none.</param>
    public static string Of(string? reason) => OfReasons.GetValueOrDefault(reason ?? "", Else);
}
