using MotionGateway.Hosting;
using MotionGateway.MotionServer;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Settings of a gateway.</summary>
public sealed class GatewayOptions
{
    /// <summary>
    /// Addresses to listen on, <c>;</c> between them, for HTTP/2: http without TLS, https by <see cref="Tls"/>. Default
    /// http://127.0.0.1:50051.
    /// </summary>
    public string Urls { get; set; } = "http://127.0.0.1:50051";

    /// <summary>How https addresses are served. Null, the default: there are none.</summary>
    public TlsOptions? Tls { get; set; }

    /// <summary>
    /// Without <see cref="Callers"/>, listening beyond loopback is refused unless this is set. Default false.
    /// </summary>
    public bool AllowUnauthenticatedCallersBeyondLoopback { get; set; }

    /// <summary>By what callers are known. By default nothing: whoever reaches the gateway may do everything.</summary>
    public CallersOptions Callers { get; set; } = new();

    /// <summary>
    /// Address at which Prometheus may ask for metrics, path <c>/metrics</c>: http and an IP address or localhost, such as
    /// <c>http://127.0.0.1:9464</c>; whoever reaches it may read them. Null, the default: nowhere.
    /// </summary>
    public string? MetricsUrl { get; set; }

    /// <summary>The Motion Server, and the credentials of the app that is named <c>default</c>; other apps stand in <see cref="Apps"/>.</summary>
    [AppliedAtOnce]
    public MotionServerOptions MotionServer { get; set; } = new();

    /// <summary>
    /// Further apps, or tenants, by a name that callers choose by; case does not matter, and they are told in lower case. Default none.
    /// </summary>
    [AppliedAtOnce]
    public IDictionary<string, AppOptions> Apps { get; } = new Dictionary<string, AppOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The app of sessions for which none is named, where the caller has not only one. Null, the default: the one that is named
    /// <c>default</c>, else the only one.
    /// </summary>
    [AppliedAtOnce]
    public string? DefaultApp { get; set; }

    /// <summary>
    /// Connections to the Motion Server that are kept open ahead of sessions. By default none (<c>Size</c> 0): each counts
    /// against the app's concurrency.
    /// </summary>
    [AppliedAtOnce]
    public MotionConnectionPoolOptions MotionServerPool { get; set; } = new() { Size = 0 };

    /// <summary>How a session that has lost its connection to the Motion Server makes a new one for its next turn.</summary>
    [AppliedAtOnce]
    public ReconnectPolicy MotionServerReconnect { get; set; } = new SessionHostOptions().Reconnect;

    /// <summary>When new sessions are refused because the Motion Server cannot be reached.</summary>
    public MotionServerOutageOptions MotionServerOutage { get; set; } = new();

    /// <summary>What is logged, and how.</summary>
    public LoggingOptions Logging { get; set; } = new();

    /// <summary>
    /// How samples are sent to the Motion Server: PCM_S16LE, the default, or OGG_OPUS, which takes a third of the bytes or less, and
    /// processor time. Speech that comes as Ogg Opus is passed on as such in any event.
    /// </summary>
    [AppliedAtOnce]
    public AudioEncoding MotionServerAudioEncoding { get; set; } = AudioEncoding.PcmS16Le;

    /// <summary>How Ogg Opus is made: for sessions whose viewers get it, and for the Motion Server.</summary>
    [AppliedAtOnce]
    public OpusOptions Opus { get; set; } = new();

    /// <summary>PEM file of the key that signs viewer tokens; made when it is not there. Null: a key of this process only.</summary>
    [AppliedAtOnce]
    public string? ViewerTokenKeyFile { get; set; }

    /// <summary>
    /// Further PEM files of keys whose viewer tokens are good. Without <see cref="ViewerTokenKeyFile"/> the first of them signs. They are
    /// read again when they change. Default none.
    /// </summary>
    [AppliedAtOnce]
    public IList<string> ViewerTokenKeyFiles { get; } = [];

    /// <summary>How long viewer tokens are valid when nothing else is asked for. Default 1 hour.</summary>
    [AppliedAtOnce]
    public TimeSpan ViewerTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>LiveKit projects that sessions may be published into, by a name that callers choose by. Default none.</summary>
    [AppliedAtOnce]
    public IDictionary<string, LiveKitCredentials> LiveKit { get; } = new Dictionary<string, LiveKitCredentials>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Agora projects that sessions may be published into, by a name that callers choose by. Default none.</summary>
    [AppliedAtOnce]
    public IDictionary<string, AgoraCredentials> Agora { get; } = new Dictionary<string, AgoraCredentials>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long a viewer's room token is good when nothing else is asked for: 10 s to 1 day. Default 10 minutes.</summary>
    [AppliedAtOnce]
    public TimeSpan JoinTokenLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long the token is good that the Motion Server joins a room by: 10 minutes to 1 day. When half of it has passed, the
    /// connection is made anew between two turns. Default 6 hours.
    /// </summary>
    [AppliedAtOnce]
    public TimeSpan PublisherTokenLifetime { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long a call may take to send its first request. Default 30 s.</summary>
    [AppliedAtOnce]
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one request may take from its first byte to its last. Default 30 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence after which a heartbeat is sent. Default 15 s.</summary>
    [AppliedAtOnce]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Silence after which a reader is sent a heartbeat while a turn is under way, so that a dead path is noticed while media is due.
    /// Default 2 s; more than <see cref="HeartbeatInterval"/> is the same as that.
    /// </summary>
    [AppliedAtOnce]
    public TimeSpan TurnHeartbeatInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a peer that sends heartbeats may be silent. Default 45 s.</summary>
    [AppliedAtOnce]
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long one write may take, and how long a full window may wait for an acknowledgement. Default 15 s.</summary>
    [AppliedAtOnce]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How far a reader that would rather be spared something than be disconnected may fall behind before it is. Default 10 s: media
    /// that has waited for so long should have been heard.
    /// </summary>
    [AppliedAtOnce]
    public TimeSpan SlowReaderTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long speech that has begun goes on after a shutdown was asked for. The process is gone two seconds later at the latest.
    /// Default 30 s; zero ends everything at once.
    /// </summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Sessions that are open at one time; as many closed ones can still be read. Default 1000.</summary>
    [AppliedAtOnce]
    public int MaxSessions { get; set; } = 1000;

    /// <summary>
    /// Bytes of all logs and all media that waits, at which no session is opened any more and each open one has the least credit:
    /// a second of speech. Beyond it each open session can hold its log (<c>Limits:Log:MaxBytes</c>), two seconds of speech and one
    /// chunk, and the motion of these. Null: half of the memory that the process may use.
    /// </summary>
    [AppliedAtOnce]
    public long? MaxTotalBytes { get; set; }

    /// <summary>
    /// How long a connection to the Motion Server lasts by plan: it is replaced shortly before. Null: learned from the first ones
    /// that reach their limit.
    /// </summary>
    [AppliedAtOnce]
    public TimeSpan? MotionServerConnectionLifetime { get; set; }

    /// <summary>Bounds of each session.</summary>
    [AppliedAtOnce]
    public SessionLimits Limits { get; set; } = new();

    /// <summary>Whether there is an app at the top of the settings: it is the only one that can be missing.</summary>
    internal bool HasOwnApp => Apps.Count == 0 || MotionServer is not { AppId: "", ApiKey: "" };

    internal string? EffectiveDefaultApp =>
        DefaultApp ?? (HasOwnApp || Apps.ContainsKey(GatewayApps.OwnName) ? GatewayApps.OwnName : Apps.Count == 1 ? Apps.Keys.First() : null);

    /// <summary>All files of keys of viewer tokens; the first one signs.</summary>
    internal IReadOnlyList<string> AllViewerTokenKeyFiles => ViewerTokenKeyFile is { } first ? [first, .. ViewerTokenKeyFiles] : [.. ViewerTokenKeyFiles];

    internal TimeSpan EffectiveTurnHeartbeatInterval =>
        TurnHeartbeatInterval < HeartbeatInterval ? TurnHeartbeatInterval : HeartbeatInterval;

    /// <summary>All apps by their names, in lower case.</summary>
    internal Dictionary<string, AppOptions> GetApps()
    {
        var apps = Apps.ToDictionary(app => app.Key.ToLowerInvariant(), app => app.Value);
        if (HasOwnApp)
        {
            apps[GatewayApps.OwnName] = new AppOptions
            {
                MotionServer = MotionServer,
                MotionServerPool = MotionServerPool,
                LiveKit = LiveKit,
                Agora = Agora,
            };
        }

        return apps;
    }

    internal SessionHostOptions ToHostOptions() => new()
    {
        MaxSessions = MaxSessions,
        MaxTotalBytes = MaxTotalBytes,
        ConnectionLifetime = MotionServerConnectionLifetime,
        Limits = Limits,
        Reconnect = MotionServerReconnect,
        Outage = MotionServerOutage,
        SendsOpus = MotionServerAudioEncoding == AudioEncoding.OggOpus,
        Opus = Opus.ToEncoderOptions(),
    };
}
