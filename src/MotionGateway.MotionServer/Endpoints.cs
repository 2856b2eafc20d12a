namespace MotionGateway.MotionServer;

/// <summary>The URLs that options lead to. Explicit ones win over the region's.</summary>
internal sealed class Endpoints
{
    private const string GlobalDomain = "spatius.ai";
    private const string ChinaDomain = "spatialwalk.top";
    private const string ChinaPrefix = "cn-";

    private readonly MotionServerOptions _options;
    private readonly UriBuilder _ingress;

    public Endpoints(MotionServerOptions options)
    {
        _options = options;
        string domain = options.Region.StartsWith(ChinaPrefix, StringComparison.Ordinal) ? ChinaDomain : GlobalDomain;
        Token = TokenUrl(options.ConsoleUrl ?? new Uri($"https://console.{options.Region}.{domain}/v1/console"), options.TokenPath);
        _ingress = IngressUrl(options.IngressUrl ?? new Uri($"wss://api.{options.Region}.{domain}/v2/driveningress"));
    }

    /// <summary>Where session tokens are fetched.</summary>
    public Uri Token { get; }

    /// <summary>Host of the ingress, for logs and spans.</summary>
    public string IngressHost => _ingress.Host;

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
