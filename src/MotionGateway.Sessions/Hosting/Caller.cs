namespace MotionGateway.Sessions;

/// <summary>Who calls the gateway.</summary>
/// <param name="Id">For logs; no secret.</param>
/// <param name="Rights">What the caller may do with sessions.</param>
/// <param name="Apps">The apps whose sessions the caller may reach; null: all.</param>
public sealed record Caller(string Id, IReadOnlySet<SessionRight> Rights, IReadOnlySet<string>? Apps = null)
{
    /// <summary>Whoever can reach the gateway, where callers are not told apart: may do everything.</summary>
    public static Caller Anyone { get; } = new("anyone", new HashSet<SessionRight>(Enum.GetValues<SessionRight>()));

    /// <summary>Who has shown no credential, or none that is good: may do nothing.</summary>
    public static Caller Nobody { get; } = new("nobody", new HashSet<SessionRight>());

    /// <summary>Whether the caller may do something with sessions of an app.</summary>
    /// <param name="right">What.</param>
    /// <param name="app">The app's name.</param>
    public bool May(SessionRight right, string app) => Rights.Contains(right) && (Apps is null || Apps.Contains(app));
}
