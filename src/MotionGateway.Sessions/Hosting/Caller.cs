namespace MotionGateway.Sessions;

/// <summary>Who calls the gateway.</summary>
/// <param name="Id">For logs; no secret.</param>
/// <param name="Rights">What the caller may do with sessions.</param>
public sealed record Caller(string Id, IReadOnlySet<SessionRight> Rights)
{
    /// <summary>Whoever can reach the gateway, where callers are not told apart: may do everything.</summary>
    public static Caller Anyone { get; } = new("anyone", new HashSet<SessionRight>(Enum.GetValues<SessionRight>()));
}
