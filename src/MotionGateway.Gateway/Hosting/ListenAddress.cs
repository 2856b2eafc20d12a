using System.Net;
using MotionGateway.Hosting;

namespace MotionGateway.Gateway;

/// <summary>Whom an address to listen on lets in, as Kestrel understands it: a name that is not <c>localhost</c> is every interface.</summary>
internal static class ListenAddress
{
    /// <summary>Finds what is wrong with addresses to listen on.</summary>
    /// <param name="urls">The addresses, <c>;</c> between them.</param>
    /// <param name="isAllowedBeyondLoopback">Other machines may reach them.</param>
    /// <param name="isAllowedByTls">The same of those that TLS is done at.</param>
    public static IEnumerable<string> FindProblems(string urls, bool isAllowedBeyondLoopback, bool isAllowedByTls)
    {
        string[] all = urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return all.Length == 0
            ? ["Urls is empty: name an address such as http://127.0.0.1:50051."]
            : all.Select(url => FindProblem(url, isAllowedBeyondLoopback || (isAllowedByTls && TlsOptionsRules.IsHttps(url)))).OfType<string>();
    }

    private static string? FindProblem(string url, bool isAllowedBeyondLoopback)
    {
        if (Parse(url) is not { } address)
        {
            return $"Urls: '{url}' is no http or https address such as http://127.0.0.1:50051.";
        }

        return isAllowedBeyondLoopback || IsLoopback(address.Host) ? null
            : $"Urls: '{url}' is reachable from other machines, and callers are not authenticated. Bind 127.0.0.1, or say by Callers how they are "
                + "known, or have Tls require client certificates at an https address, or set AllowUnauthenticatedCallersBeyondLoopback where the "
                + "network itself keeps others out.";
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static BindingAddress? Parse(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address is { IsUnixPipe: false, IsNamedPipe: false } && address.Scheme.ToUpperInvariant() is "HTTP" or "HTTPS" ? address : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
