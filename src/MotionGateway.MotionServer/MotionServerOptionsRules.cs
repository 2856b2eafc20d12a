namespace MotionGateway.MotionServer;

/// <summary>The rules that options must keep, all checked before any is reported.</summary>
internal static class MotionServerOptionsRules
{
    private const int MaxTokensAhead = 16;

    private static readonly TimeSpan ShortestKeptToken = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestKeepAlive = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestToken = TimeSpan.FromHours(24);

    public static List<string> Check(MotionServerOptions options)
    {
        List<string> problems = [];
        CheckCredential(problems, nameof(options.AppId), options.AppId);
        CheckCredential(problems, nameof(options.ApiKey), options.ApiKey);
        RegionOptionsRules.Check(problems, options);
        CheckTokens(problems, options);

        Require(problems, !string.IsNullOrWhiteSpace(options.TokenPath) && !options.TokenPath.AsSpan().ContainsAny(":?#"),
            nameof(options.TokenPath), "must be a path, such as session-tokens");
        Require(problems, Enum.IsDefined(options.Auth), nameof(options.Auth), "must be Headers or Query");
        Require(problems, options.StepTimeout > TimeSpan.Zero && options.StepTimeout <= LongestStep,
            nameof(options.StepTimeout), "must be more than 0 and at most 5 minutes");
        Require(problems, options.SendTimeout > TimeSpan.Zero && options.SendTimeout <= LongestStep,
            nameof(options.SendTimeout), "must be more than 0 and at most 5 minutes");
        Require(problems, options.KeepAliveInterval >= TimeSpan.Zero && options.KeepAliveInterval <= LongestKeepAlive,
            nameof(options.KeepAliveInterval), "must be 0 to 1 hour");
        Require(problems, options.KeepAliveTimeout >= TimeSpan.Zero && options.KeepAliveTimeout <= LongestKeepAlive,
            nameof(options.KeepAliveTimeout), "must be 0 to 1 hour");
        Require(problems, options.MaxMessageBytes is >= 1024 and <= 64 * 1024 * 1024,
            nameof(options.MaxMessageBytes), "must be 1 KiB to 64 MiB");
        Require(problems, options.ReceiveBufferBytes >= 64 * 1024,
            nameof(options.ReceiveBufferBytes), "must be at least 64 KiB");
        return problems;
    }

    private static void CheckTokens(List<string> problems, MotionServerOptions options)
    {
        Require(problems, options.TokenLifetime >= TimeSpan.FromSeconds(1) && options.TokenLifetime < LongestToken,
            nameof(options.TokenLifetime), "must be at least 1 second and less than 24 hours");
        Require(problems, options.TokensAhead is >= 0 and <= MaxTokensAhead,
            nameof(options.TokensAhead), $"must be 0 to {MaxTokensAhead}");
        Require(problems, !options.ReuseTokens || options.TokensAhead <= 1,
            nameof(options.TokensAhead), "must be 0 or 1 with ReuseTokens, where one serves all");
        Require(problems, options.TokenLifetime >= ShortestKeptToken || (options.TokensAhead <= 0 && !options.ReuseTokens),
            nameof(options.TokenLifetime), "must be at least 1 minute with TokensAhead or ReuseTokens");
    }

    // Credentials travel in headers, where only visible ASCII is safe on every hop. The value is never repeated.
    private static void CheckCredential(List<string> problems, string name, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            problems.Add($"{name} is required.");
        }
        else
        {
            Require(problems, CredentialText.IsHeaderSafe(value), name, "must be visible ASCII without spaces");
        }
    }

    public static void Require(List<string> problems, bool holds, string name, string rule)
    {
        if (!holds)
        {
            problems.Add($"{name} {rule}.");
        }
    }
}
