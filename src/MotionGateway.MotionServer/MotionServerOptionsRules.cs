using System.Text.RegularExpressions;

namespace MotionGateway.MotionServer;

/// <summary>The rules that options must keep, all checked before any is reported.</summary>
internal static partial class MotionServerOptionsRules
{
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestKeepAlive = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestToken = TimeSpan.FromHours(24);

    public static List<string> Check(MotionServerOptions options)
    {
        List<string> problems = [];
        CheckCredential(problems, nameof(options.AppId), options.AppId);
        CheckCredential(problems, nameof(options.ApiKey), options.ApiKey);
        CheckEndpoints(problems, options);

        Require(problems, !string.IsNullOrWhiteSpace(options.TokenPath) && !options.TokenPath.AsSpan().ContainsAny(":?#"),
            nameof(options.TokenPath), "must be a path, such as session-tokens");
        Require(problems, Enum.IsDefined(options.Auth), nameof(options.Auth), "must be Headers or Query");
        Require(problems, options.TokenLifetime >= TimeSpan.FromSeconds(1) && options.TokenLifetime < LongestToken,
            nameof(options.TokenLifetime), "must be at least 1 second and less than 24 hours");
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

    private static void CheckEndpoints(List<string> problems, MotionServerOptions options)
    {
        Require(problems, options.ConsoleUrl is null || HasScheme(options.ConsoleUrl, "http", "https"),
            nameof(options.ConsoleUrl), "must be an absolute http or https URL");
        Require(problems, options.IngressUrl is null || HasScheme(options.IngressUrl, "ws", "wss", "http", "https"),
            nameof(options.IngressUrl), "must be an absolute ws, wss, http or https URL");
        if (options.ConsoleUrl is null || options.IngressUrl is null)
        {
            Require(problems, options.Region is not null && RegionName().IsMatch(options.Region),
                nameof(options.Region), "must be a region's name, such as us-west, unless both URLs are given");
        }
    }

    private static bool HasScheme(Uri url, params ReadOnlySpan<string> schemes) =>
        url.IsAbsoluteUri && schemes.Contains(url.Scheme) && url.Fragment.Length == 0 && url.UserInfo.Length == 0;

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

    private static void Require(List<string> problems, bool holds, string name, string rule)
    {
        if (!holds)
        {
            problems.Add($"{name} {rule}.");
        }
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)+$", RegexOptions.CultureInvariant)]
    private static partial Regex RegionName();
}
