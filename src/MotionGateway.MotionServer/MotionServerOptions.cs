namespace MotionGateway.MotionServer;

/// <summary>How to reach the Motion Server and with which credentials. One App ID has one set of options.</summary>
/// <remarks>A <see cref="MotionServerClient"/> copies its options when it is made; later changes have no effect on it.</remarks>
public sealed class MotionServerOptions
{
    /// <summary>The App ID that the avatars belong to. Required.</summary>
    public string AppId { get; set; } = "";

    /// <summary>The API key that session tokens are fetched with. Required, a backend secret, never logged.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>Region of the service, such as <c>us-west</c> (the default) or <c>ap-northeast</c>. Unused for endpoints that are given as URLs.</summary>
    public string Region { get; set; } = "us-west";

    /// <summary>Base URL of the console API (http or https). Null (the default) derives it from <see cref="Region"/>.</summary>
    public Uri? ConsoleUrl { get; set; }

    /// <summary>Base URL of the ingress (ws, wss, http or https), without <c>/websocket</c>. Null (the default) derives it from <see cref="Region"/>.</summary>
    public Uri? IngressUrl { get; set; }

    /// <summary>
    /// Path that session tokens are fetched from, below the console URL; with a leading slash, below the root of its host.
    /// Default <c>session-tokens</c>; newer deployments serve <c>/v1/auth/session-token</c>.
    /// </summary>
    public string TokenPath { get; set; } = "session-tokens";

    /// <summary>Where credentials travel on the WebSocket's upgrade. Default <see cref="AuthPlacement.Headers"/>.</summary>
    public AuthPlacement Auth { get; set; } = AuthPlacement.Headers;

    /// <summary>How long a session token is good for opening connections. Default 10 minutes; more than 0, less than 24 hours.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Time limit of each step: token, connect, handshake, close. Default 10 seconds; more than 0, at most 5 minutes.</summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the Motion Server may take to accept one message before the connection counts as lost.
    /// Default 10 seconds; more than 0, at most 5 minutes.
    /// </summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often an idle connection is pinged. Default 20 seconds; zero sends no pings; at most 1 hour.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the answer to a ping may take before the connection counts as lost. Default 20 seconds; zero waits for ever; at most 1 hour.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Largest message accepted from the Motion Server, in bytes. Default 4 MiB; 1 KiB to 64 MiB. A larger one is a protocol error.</summary>
    /// <remarks>Four seconds of motion are about 50 KB.</remarks>
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Bound on motion that has been received and not been read yet, in bytes of the buffers that hold it (up to about twice its
    /// length). Default 4 MiB, 3 to 5 minutes of motion; at least 64 KiB. A reader that falls further behind loses the connection.
    /// </summary>
    public long ReceiveBufferBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Whether a request's first message carries the current trace (W3C), so that the service's spans join it. Default true.</summary>
    public bool PropagateTraceContext { get; set; } = true;

    /// <summary>Names everything that is wrong with these options, one sentence a problem, each beginning with the property's name.</summary>
    /// <returns>The problems; empty when the options can be used.</returns>
    public IReadOnlyList<string> Validate() => MotionServerOptionsRules.Check(this);

    /// <summary>The endpoints and the App ID; never a credential.</summary>
    public override string ToString() =>
        $"MotionServerOptions {{ AppId = {AppId}, Region = {Region}, Auth = {Auth} }}";

    internal MotionServerOptions Copy() => (MotionServerOptions)MemberwiseClone();
}
