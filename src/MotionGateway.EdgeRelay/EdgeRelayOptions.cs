using MotionGateway.Hosting;

namespace MotionGateway.EdgeRelay;

/// <summary>How the relay listens, which gateway it follows, and its bounds. Zero is not allowed where nothing else is said.</summary>
public sealed class EdgeRelayOptions
{
    // A token has at most 4096 bytes.
    internal const int MaxStartBytes = 8 * 1024;

    /// <summary>
    /// Addresses to listen on, separated by semicolons; port 0 picks a free one. Default <c>http://127.0.0.1:8080</c>. Every viewer is
    /// authenticated, so an address beyond loopback is allowed: make it https by <see cref="Tls"/>, or put a proxy that does TLS in
    /// front of it.
    /// </summary>
    public string Urls { get; set; } = "http://127.0.0.1:8080";

    /// <summary>How https addresses are served. Null, the default: there are none.</summary>
    public TlsOptions? Tls { get; set; }

    /// <summary>
    /// Address at which Prometheus may ask for metrics, path <c>/metrics</c>: http and an IP address or localhost, such as
    /// <c>http://127.0.0.1:9465</c>; whoever reaches it may read them. Null, the default: nowhere.
    /// </summary>
    public string? MetricsUrl { get; set; }

    /// <summary>The gateway's gRPC address, http or https. Default <c>http://127.0.0.1:50051</c>.</summary>
    public string GatewayAddress { get; set; } = "http://127.0.0.1:50051";

    /// <summary>
    /// File of the API key by which the gateway knows this relay: it takes the scope read. It is read again when it changes. Null, the default:
    /// the gateway tells no callers apart.
    /// </summary>
    public string? GatewayApiKeyFile { get; set; }

    /// <summary>
    /// Which gateway is believed at an https address, and which certificate it is shown. Null, the default: any that this machine
    /// trusts, and none.
    /// </summary>
    public ClientTlsOptions? GatewayTls { get; set; }

    /// <summary>Directory of the built web page, which has an <c>index.html</c>. Null, the default: the one that the process brings along, else a note on how to build it.</summary>
    public string? PageDirectory { get; set; }

    /// <summary>Origins whose pages may open feeds, such as <c>https://example.com</c>. Empty, the default: any, since a token decides.</summary>
    [AppliedAtOnce]
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// Proxies in front of the relay, as addresses or networks such as <c>10.0.0.0/8</c>: of what they pass on, the address that
    /// they name last in <c>X-Forwarded-For</c> counts. Those on this machine are always believed. Empty by default.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>
    /// Connections and requests of one address at one time (of IPv6: of 64 bits). Default 256. Zero: no bound. Where a proxy stands in front of the
    /// relay, <see cref="TrustedProxies"/> has to name it; what comes from this machine for nobody else is not bounded.
    /// </summary>
    [AppliedAtOnce]
    public int MaxConnectionsPerAddress { get; set; } = 256;

    /// <summary>
    /// Connections and requests for tickets or configurations that one address may make per second, twice as many at once. Default 50.
    /// Zero: no bound.
    /// </summary>
    [AppliedAtOnce]
    public int ConnectionsPerSecondPerAddress { get; set; } = 50;

    /// <summary>Connections at one time that have not shown a token yet; the newest are kept. Default 1000.</summary>
    public int MaxUnverifiedConnections { get; set; } = 1000;

    /// <summary>Viewers of the relay at one time. Default 10000.</summary>
    public int MaxViewers { get; set; } = 10_000;

    /// <summary>Viewers of one session at one time. Default 1000.</summary>
    [AppliedAtOnce]
    public int MaxViewersPerSession { get; set; } = 1000;

    /// <summary>Feeds of one viewer of a session at one time, under different reader ids. Default 100.</summary>
    [AppliedAtOnce]
    public int MaxReadersPerViewer { get; set; } = 100;

    /// <summary>Catch-up reads at the gateway at one time. Default 64; further viewers wait for <see cref="StartTimeout"/>.</summary>
    public int MaxCatchUps { get; set; } = 64;

    /// <summary>Of these, reads of one session; a quarter of them at most of one viewer. Default 16.</summary>
    public int MaxCatchUpsPerSession { get; set; } = 16;

    /// <summary>Sessions followed at one time, each of which may hold <see cref="LogBytes"/>. Default 1000.</summary>
    [AppliedAtOnce]
    public int MaxFeeds { get; set; } = 1000;

    /// <summary>Bytes of payloads kept per session. Default 16 MiB; at least 1 MiB.</summary>
    public long LogBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// How long payloads are kept; time in which playback is paused does not count. Has to be more than the lead of the
    /// sessions' media, so that what is unheard stays. Default 60 s; at least 15 s.
    /// </summary>
    public TimeSpan LogRetention { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of media sent to a viewer ahead of its acknowledgements. Default 128 KiB; at least 4 KiB.</summary>
    public int WindowBytes { get; set; } = 128 * 1024;

    /// <summary>Bytes of one message of a viewer that has shown its token; 8 KiB before. Default 256 KiB; at least 1 KiB.</summary>
    public int MaxMessageBytes { get; set; } = 256 * 1024;

    /// <summary>Texts per second and viewer, of all its feeds together, that are passed on, twice as many at once. Default 100. Others are refused.</summary>
    public int ViewerEventsPerSecond { get; set; } = 100;

    /// <summary>
    /// Bytes of microphone audio per second and viewer, of all its feeds together, that are passed on, twice as many at once. Default 192000, twice the rate of
    /// 48 kHz; at least 16000. Others are dropped.
    /// </summary>
    public int MicrophoneBytesPerSecond { get; set; } = 192_000;

    /// <summary>
    /// Bytes of texts and microphone audio of one session that wait for the gateway; a quarter of them at most of one viewer. Default
    /// 1 MiB; at least 128 KiB. Beyond them texts are refused, and of audio the oldest is dropped.
    /// </summary>
    public int ViewerEventBytes { get; set; } = 1024 * 1024;

    /// <summary>Silence after which a heartbeat is sent, to viewers and to the gateway. Default 15 s.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Silence after which a viewer is sent a heartbeat while a turn is under way, so that a dead path is noticed while media is due.
    /// Default 2 s; more than <see cref="HeartbeatInterval"/> is the same as that.
    /// </summary>
    public TimeSpan TurnHeartbeatInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the gateway's connection may leave a ping unanswered, which is sent after 2 s of silence; then another is made.
    /// Default 3 s; at least 1 s.
    /// </summary>
    public TimeSpan GatewayPingTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Silence of a peer after which it counts as gone. Default 45 s; more than <see cref="HeartbeatInterval"/>.</summary>
    public TimeSpan PeerTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long a viewer may take to send its start, and to wait for a catch-up read. Default 10 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a viewer's socket may take to accept one message. Default 10 s.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long media may wait for a viewer's acknowledgement before its feed ends. Default 15 s.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How far a viewer that would rather be spared something than be disconnected may fall behind before it is. Default 10 s: media
    /// that has waited for so long should have been heard.
    /// </summary>
    public TimeSpan SlowViewerTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a session is followed after its last viewer has left. Default 10 s. Zero: not at all.</summary>
    [AppliedAtOnce]
    public TimeSpan FeedLinger { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the relay goes on trying when the gateway went away. Viewers are told at once, and their feeds end after it. Default
    /// 60 s. Zero: not at all.
    /// </summary>
    public TimeSpan GatewayLossLimit { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the gateway is asked for its viewer token keys, which also tells whether it is there. Default 5 s.</summary>
    public TimeSpan KeyRefreshInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Over which time the feeds of all viewers are ended at shutdown, a few at a time. Default 2 s; with thousands of viewers more is
    /// kinder to where they go. Zero: as fast as may be.
    /// </summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether published AvatarKit clients are served their own feeds, by a viewer token in the address. Default true.</summary>
    public bool PublishedFeeds { get; set; } = true;

    /// <summary>Region that published clients are told to use AvatarKit with. Default <c>us-west</c>.</summary>
    public string PublishedFeedRegion { get; set; } = "us-west";

    /// <summary>
    /// How much later than it was sent a published client is taken to play: so long after a turn the next one is held, which would cut
    /// it off. Default 200 ms. Zero: not at all.
    /// </summary>
    public TimeSpan PublishedFeedMargin { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>What is logged, and how. Of what the HTTP server itself logs, which names addresses, there are warnings at most.</summary>
    public LoggingOptions Logging { get; set; } = new();

    internal TimeSpan EffectiveTurnHeartbeatInterval =>
        TurnHeartbeatInterval < HeartbeatInterval ? TurnHeartbeatInterval : HeartbeatInterval;

    /// <summary>Names everything that is wrong with these options, one sentence a problem, each beginning with the property's name.</summary>
    /// <returns>The problems; empty when the options can be used.</returns>
    public IReadOnlyList<string> Validate() => EdgeRelayOptionsRules.Check(this);
}
