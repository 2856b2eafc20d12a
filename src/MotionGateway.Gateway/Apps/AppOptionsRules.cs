namespace MotionGateway.Gateway;

/// <summary>What must hold of the apps.</summary>
internal static class AppOptionsRules
{
    /// <summary>Names everything that is wrong, each beginning with the setting's path. No credential is repeated.</summary>
    public static IEnumerable<string> FindProblems(GatewayOptions options) =>
    [
        .. options.Apps.SelectMany(entry => FindProblems(entry.Key, entry.Value).Select(problem => $"{nameof(options.Apps)}:{entry.Key}{problem}")),
        .. FindClash(options),
        .. FindProblemOfDefault(options),
    ];

    private static IEnumerable<string> FindProblems(string name, AppOptions app)
    {
        if (!Requests.IsName(name))
        {
            yield return $" is no name: use up to {Requests.MaxNameBytes} letters, digits and _-.";
        }

        string[] problems =
        [
            .. app.MotionServer.Validate().Select(problem => $":{nameof(app.MotionServer)}:{problem}"),
            .. app.MotionServerPool.Validate().Select(problem => $":{nameof(app.MotionServerPool)}:{problem}"),
            .. app.Limits.Validate().Select(problem => $":{nameof(app.Limits)}:{problem}"),
            .. RtcOptionsRules.FindProblems(app.LiveKit, app.Agora).Select(problem => $":{problem}"),
        ];
        foreach (string problem in problems)
        {
            yield return problem;
        }
    }

    // Two places for one app: nobody could say which counts.
    private static IEnumerable<string> FindClash(GatewayOptions options)
    {
        if (options.HasOwnApp && options.Apps.ContainsKey(GatewayApps.OwnName))
        {
            yield return $"{nameof(options.Apps)}:{GatewayApps.OwnName} and {nameof(options.MotionServer)} are the same app: set one of them.";
        }
    }

    private static IEnumerable<string> FindProblemOfDefault(GatewayOptions options)
    {
        var apps = options.GetApps();
        if (options.DefaultApp is { } name && !apps.ContainsKey(name.ToLowerInvariant()))
        {
            yield return $"{nameof(options.DefaultApp)}: there is no app '{name}': name one of {string.Join(", ", apps.Keys)}.";
        }
    }
}
