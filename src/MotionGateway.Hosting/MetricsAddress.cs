using System.Net;

namespace MotionGateway.Hosting;

/// <summary>
/// Where metrics may be served. They hold no secret, but are served without TLS and to whoever asks, so that other machines are let in
/// only by an address that says so: Kestrel takes a name for every interface.
/// </summary>
public static class MetricsAddress
{
    /// <summary>Finds what is wrong with the setting <c>MetricsUrl</c>.</summary>
    /// <param name="url">Its value; null for none.</param>
    /// <returns>Sentences that begin with the setting's name; none when nothing is wrong.</returns>
    public static IEnumerable<string> FindProblems(string? url) => url is null || IsUsable(url)
        ? []
        : [$"MetricsUrl must be http at an IP address or localhost, such as http://127.0.0.1:9464, not '{url}'. Write http://0.0.0.0:9464 for every interface."];

    private static bool IsUsable(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri is { Scheme: "http", PathAndQuery: "/", UserInfo: "", Fragment: "" }
        && (uri.Host == "localhost" || IPAddress.TryParse(uri.Host, out _));
}
