namespace MotionGateway.MotionServer;

/// <summary>The URLs that options lead to in one region: the explicit ones, else those given for the region, else those derived from its name.</summary>
internal sealed class Endpoints
{
    private const string GlobalDomain = "spatius.ai";
    private const string ChinaDomain = "spatialwalk.top";
    private const string ChinaPrefix = "cn-";

    private readonly MotionServerOptions _options;
    private readonly UriBuilder _ingress;

    /// <param name="options">Options without problems.</param>
    /// <param name="region">A region's name, never <c>auto</c>; null when both URLs are explicit.</param>
    public Endpoints(MotionServerOptions options, string? region)
    {
        _options = options;
        MotionServerEndpoints? own = region is null ? null : options.RegionEndpoints.TryGetValue(region, out MotionServerEndpoints? given) ? given : null;
        string domain = region?.StartsWith(ChinaPrefix, StringComparison.Ordinal) == true ? ChinaDomain : GlobalDomain;
        Token = TokenUrl(options.ConsoleUrl ?? own?.ConsoleUrl ?? new Uri($"https://console.{region}.{domain}/v1/console"), options.TokenPath);
        _ingress = IngressUrl(options.IngressUrl ?? own?.IngressUrl ?? new Uri($"wss://api.{region}.{domain}/v2/driveningress"));
    }

    /// <summary>Where session tokens are fetched.</summary>
    public Uri Token { get; }

    /// <summary>Host of the ingress, for logs and spans.</summary>
    public string IngressHost => _ingress.Host;

    /// <summary>Root of the ingress's host over HTTP: asks for nothing, and opens the same connection as a WebSocket's upgrade does.</summary>
    public Uri IngressRoot => new UriBuilder(_ingress.Uri.GetLeftPart(UriPartial.Authority)) { Scheme = _ingress.Scheme == "wss" ? "https" : "http", Port = _ingress.Port }.Uri;

    /// <summary>Where an avatar's WebSocket is opened. Holds a credential when those travel in the query: never to be shown.</summary>
    public Uri WebSocket(string avatarId, SessionToken token)
    {
        string query = $"{_ingress.Query.TrimStart('?')}&id={Uri.EscapeDataString(avatarId)}";
        if (_options.Auth == AuthPlacement.Query)
        {
            query += $"&appId={Uri.EscapeDataString(_options.AppId)}&sessionKey={Uri.EscapeDataString(token.Value)}";
        }

        UriBuilder url = new(_ingress.Uri) { Query = query.TrimStart('&') };
        return url.Uri;
    }

    private static Uri TokenUrl(Uri console, string tokenPath)
    {
        UriBuilder url = new(console);
        url.Path = tokenPath.StartsWith('/') ? tokenPath : $"{url.Path.TrimEnd('/')}/{tokenPath}";
        return url.Uri;
    }

    private static UriBuilder IngressUrl(Uri ingress)
    {
        bool secure = ingress.Scheme is "https" or "wss";
        UriBuilder url = new(ingress) { Scheme = secure ? "wss" : "ws", Port = ingress.IsDefaultPort ? -1 : ingress.Port };
        url.Path = $"{url.Path.TrimEnd('/')}/websocket";
        return url;
    }
}
