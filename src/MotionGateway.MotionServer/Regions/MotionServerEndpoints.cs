namespace MotionGateway.MotionServer;

/// <summary>The URLs of one region, where they differ from the public service's: a private deployment, a local Motion Server.</summary>
public sealed class MotionServerEndpoints
{
    /// <summary>Base URL of the console API (http or https). Null (the default) derives it from the region's name.</summary>
    public Uri? ConsoleUrl { get; set; }

    /// <summary>Base URL of the ingress (ws, wss, http or https), without <c>/websocket</c>. Null (the default) derives it from the region's name.</summary>
    public Uri? IngressUrl { get; set; }

    internal MotionServerEndpoints Copy() => (MotionServerEndpoints)MemberwiseClone();
}
