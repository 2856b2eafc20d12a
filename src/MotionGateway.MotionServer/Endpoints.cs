namespace MotionGateway.MotionServer;

/// <summary>The URLs that options lead to in one region: the explicit ones, else those given for the region, else those derived from its name.</summary>
internal sealed class Endpoints
{
    private const string GlobalDomain = "spatius.ai";
    private const string ChinaDomain = "spatialwalk.top";
    private const string ChinaPrefix = "cn-";

    private readonly MotionServerOptions _options;
    private readonly Uri _ingress;

    public Endpoints(MotionServerOptions options, string? region)
    {
        _options = options;
        MotionServerEndpoints? own = region is not null && options.RegionEndpoints.TryGetValue(region, out MotionServerEndpoints? given) ? given : null;
        string domain = region?.StartsWith(ChinaPrefix, StringComparison.Ordinal) == true ? ChinaDomain : GlobalDomain;
        UriBuilder token = new(options.ConsoleUrl ?? own?.ConsoleUrl ?? new Uri($"https://console.{region}.{domain}/v1/console"));
        token.Path = options.TokenPath.StartsWith('/') ? options.TokenPath : $"{token.Path.TrimEnd('/')}/{options.TokenPath}";
        Token = token.Uri;
        Uri ingress = options.IngressUrl ?? own?.IngressUrl ?? new Uri($"wss://api.{region}.{domain}/v2/driveningress");
        UriBuilder socket = new(ingress) { Scheme = ingress.Scheme is "https" or "wss" ? "wss" : "ws", Port = ingress.IsDefaultPort ? -1 : ingress.Port };
        socket.Path = $"{socket.Path.TrimEnd('/')}/websocket";
        _ingress = socket.Uri;
        IngressRoot = new UriBuilder(_ingress.GetLeftPart(UriPartial.Authority)) { Scheme = socket.Scheme == "wss" ? "https" : "http", Port = socket.Port }.Uri;
    }

    /// <summary>Where session tokens are fetched.</summary>
    public Uri Token { get; }

    /// <summary>Host of the ingress, for logs and spans.</summary>
    public string IngressHost => _ingress.Host;

    /// <summary>Root of the ingress's host over HTTP: asks for nothing, and opens the same connection as a WebSocket's upgrade does.</summary>
    public Uri IngressRoot { get; }

    /// <summary>Where an avatar's WebSocket is opened. Holds a credential when those travel in the query: never to be shown.</summary>
    public Uri WebSocket(string avatarId, SessionToken token)
    {
        string query = $"{_ingress.Query.TrimStart('?')}&id={Uri.EscapeDataString(avatarId)}";
        if (_options.Auth == AuthPlacement.Query)
        {
            query += $"&appId={Uri.EscapeDataString(_options.AppId)}&sessionKey={Uri.EscapeDataString(token.Value)}";
        }

        return new UriBuilder(_ingress) { Query = query.TrimStart('&') }.Uri;
    }
}
