using System.Buffers;

namespace MotionGateway.MotionServer;

/// <summary>How to reach the Motion Server and with which credentials. One App ID has one set of options.</summary>
/// <remarks>A <see cref="MotionServerClient"/> copies its options when it is made; later changes have no effect on it.</remarks>
public sealed class MotionServerOptions
{
    /// <summary>The App ID that the avatars belong to. Required.</summary>
    public string AppId { get; set; } = "";

    /// <summary>The API key that session tokens are fetched with. Required, a backend secret, never logged.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>
    /// Region of the service, such as <c>us-west</c> or <c>ap-northeast</c>, or <c>auto</c> (the default): the service is asked at <see cref="BootstrapUrl"/>, and the
    /// answer kept for 5 minutes. While it cannot tell, its last answer is used, and before any <c>us-west</c>. Unused when both URLs are given.
    /// </summary>
    public string Region { get; set; } = RegionResolver.Auto;

    /// <summary>
    /// Regions to try, in this order, when <see cref="Region"/> fails; at most 8, none twice. Default none. Each step of each region has its own
    /// <see cref="StepTimeout"/>; one that has failed is tried last for 30 seconds. Not together with <see cref="ConsoleUrl"/> or <see cref="IngressUrl"/>.
    /// </summary>
    public IList<string> FallbackRegions { get; set; } = [];

    /// <summary>URLs of regions that are not under the public service's domains, by the region's name. Default none.</summary>
    public IDictionary<string, MotionServerEndpoints> RegionEndpoints { get; set; } = new Dictionary<string, MotionServerEndpoints>();

    /// <summary>
    /// Where the service tells the region (http or https), which learns the App ID by that. Used with the region <c>auto</c> only. Default
    /// <c>https://global.spatialwalk.top/bootstrap</c>. The answer may take 5 seconds, or <see cref="StepTimeout"/> if that is shorter.
    /// </summary>
    public Uri BootstrapUrl { get; set; } = new("https://global.spatialwalk.top/bootstrap");

    /// <summary>Base URL of the console API (http or https). Wins over the region's. Null (the default) follows the region.</summary>
    public Uri? ConsoleUrl { get; set; }

    /// <summary>Base URL of the ingress (ws, wss, http or https), without <c>/websocket</c>. Wins over the region's. Null (the default) follows the region.</summary>
    public Uri? IngressUrl { get; set; }

    /// <summary>
    /// Path that session tokens are fetched from, below the console URL; with a leading slash, below the root of its host. Default <c>session-tokens</c>; newer
    /// deployments serve <c>/v1/auth/session-token</c>.
    /// </summary>
    public string TokenPath { get; set; } = "session-tokens";

    /// <summary>Where credentials travel on the WebSocket's upgrade. Default <see cref="AuthPlacement.Headers"/>.</summary>
    public AuthPlacement Auth { get; set; } = AuthPlacement.Headers;

    /// <summary>How long a session token is good for opening connections. Default 10 minutes; at least 1 second, 1 minute with tokens that are kept; less than 24 hours.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How many session tokens are fetched before they are needed, and replaced before they expire, in the background from the first connect or warm-up on until the
    /// client is disposed. Default 0; at most 16.
    /// </summary>
    public int TokensAhead { get; set; }

    /// <summary>Time limit of each step of opening a connection: token, connect, handshake. Default 10 seconds; more than 0, at most 5 minutes.</summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the Motion Server may take to accept one message before the connection counts as lost. Default 10 seconds; more than 0, at most 5 minutes.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a connection's goodbye may take, also when it is disposed, and what a disposed request has to say; then it is torn down. Default 2 seconds; more than 0,
    /// at most 5 minutes.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long motion may take that is due: for a request whose end was sent, or of whose audio more than 4 seconds are unanswered, which is the longest segment that
    /// motion is made in (for Ogg Opus of the caller's: any), from then on or from the connection's last motion, if that is later. Then its reader fails with
    /// <see cref="MotionServerErrorCode.MotionTimeout"/>, and the connection stays. Default 10 seconds; zero or infinite waits for ever.
    /// </summary>
    public TimeSpan MotionTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether a request is stopped by an empty end in place of an interrupt, for a Motion Server that refuses interrupts; it goes on making motion that nobody wants
    /// then. Default false.
    /// </summary>
    public bool EndInsteadOfInterrupt { get; set; }

    /// <summary>How often an idle connection is pinged. Default 20 seconds; zero sends no pings; at most 1 hour.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the answer to a ping may take before the connection counts as lost. Default 20 seconds; zero waits for ever; at most 1 hour.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Largest message accepted from the Motion Server, in bytes. Default 4 MiB; 1 KiB to 64 MiB. A larger one is a protocol error.</summary>
    /// <remarks>Four seconds of motion are about 50 KB.</remarks>
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Bound on motion that has been received and not been read yet, in bytes of the buffers that hold it (up to about twice its length). All requests of a connection
    /// share it. Default 4 MiB, 3 to 5 minutes of motion; at least 64 KiB. A reader that falls further behind loses the connection; one that is not behind is always
    /// given the next message, whatever its length.
    /// </summary>
    public long ReceiveBufferBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Whether a request's first message carries the current trace (W3C), so that the service's spans join it. Default true.</summary>
    public bool PropagateTraceContext { get; set; } = true;

    /// <summary>Where buffers are rented; tests count them.</summary>
    internal ArrayPool<byte> Buffers { get; set; } = ArrayPool<byte>.Shared;

    /// <summary>What no text may show of these options.</summary>
    internal Secrets Secrets => field ??= new Secrets(ApiKey);

    /// <summary>Names everything that is wrong with these options, one sentence a problem, each beginning with the property's name.</summary>
    /// <returns>The problems; empty when the options can be used.</returns>
    public IReadOnlyList<string> Validate() => MotionServerOptionsRules.Check(this);

    /// <summary>The endpoints and the App ID; never a credential.</summary>
    public override string ToString() => $"MotionServerOptions {{ AppId = {AppId}, Region = {Region}, Auth = {Auth} }}";

    internal MotionServerOptions Copy()
    {
        MotionServerOptions copy = (MotionServerOptions)MemberwiseClone();
        copy.FallbackRegions = [.. FallbackRegions];
        copy.RegionEndpoints = RegionEndpoints.ToDictionary(entry => entry.Key, entry => entry.Value.Copy());
        return copy;
    }
}
