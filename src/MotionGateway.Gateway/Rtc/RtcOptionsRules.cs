namespace MotionGateway.Gateway;

/// <summary>What must hold of the credentials for rooms.</summary>
internal static class RtcOptionsRules
{
    private const int AgoraDigits = 32;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan ShortestForPublisher = TimeSpan.FromMinutes(10);

    /// <summary>Names everything that is wrong, each beginning with the setting's path. No credential is repeated.</summary>
    public static IEnumerable<string> FindProblems(IDictionary<string, LiveKitCredentials> liveKit, IDictionary<string, AgoraCredentials> agora) =>
    [
        .. liveKit.SelectMany(entry => FindProblems(entry.Value).Select(problem => $"LiveKit:{entry.Key}:{problem}")),
        .. agora.SelectMany(entry => FindProblems(entry.Value).Select(problem => $"Agora:{entry.Key}:{problem}")),
        .. liveKit.Keys.Select(name => ("LiveKit", name)).Concat(agora.Keys.Select(name => ("Agora", name)))
            .Where(entry => !Requests.IsName(entry.name))
            .Select(entry => $"{entry.Item1}:{entry.name} is no name: use up to {Requests.MaxNameBytes} letters, digits and _-."),
    ];

    /// <summary>Names everything that is wrong with how long tokens are good.</summary>
    public static IEnumerable<string> FindProblemsOfTokens(GatewayOptions options) =>
    [
        .. FindProblem(nameof(options.JoinTokenLifetime), options.JoinTokenLifetime, Shortest),
        .. FindProblem(nameof(options.PublisherTokenLifetime), options.PublisherTokenLifetime, ShortestForPublisher),
    ];

    private static IEnumerable<string> FindProblems(LiveKitCredentials credentials)
    {
        if (!Uri.TryCreate(credentials.Url, UriKind.Absolute, out var url) || url.Scheme is not ("ws" or "wss" or "http" or "https")
            || url.UserInfo.Length > 0)
        {
            yield return "Url must be the LiveKit server's, such as wss://example.livekit.cloud, without a password.";
        }

        foreach (string problem in FindMissing("ApiKey", credentials.ApiKey).Concat(FindMissing("ApiSecret", credentials.ApiSecret)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> FindProblems(AgoraCredentials credentials)
    {
        if (!IsHex(credentials.AppId))
        {
            yield return $"AppId must have {AgoraDigits} hexadecimal digits: take it from the Agora console.";
        }

        if (!IsHex(credentials.AppCertificate))
        {
            yield return $"AppCertificate must have {AgoraDigits} hexadecimal digits: set it, best by the environment, to the project's primary certificate.";
        }
    }

    private static IEnumerable<string> FindMissing(string setting, string value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            yield return $"{setting} is empty: set it, best by the environment, to the project's.";
        }
        else if (value.Trim().Length != value.Length)
        {
            yield return $"{setting} begins or ends with white space: that belongs to no credential.";
        }
    }

    private static IEnumerable<string> FindProblem(string setting, TimeSpan value, TimeSpan shortest)
    {
        if (value < shortest || value > Longest)
        {
            yield return $"{setting} must be {shortest.TotalSeconds:0} seconds to 1 day.";
        }
    }

    private static bool IsHex(string text) => text.Length == AgoraDigits && text.All(char.IsAsciiHexDigit);
}
