namespace MotionGateway.EdgeRelay;

/// <summary>How the relay listens, which gateway it follows, and its bounds. Zero is not allowed where nothing else is said.</summary>
public sealed class EdgeRelayOptions
{
    /// <summary>Addresses to listen on, separated by semicolons; port 0 picks a free one. Default <c>http://127.0.0.1:8080</c>.</summary>
    /// <remarks>Every viewer is authenticated, so an address beyond loopback is allowed; put TLS in front of it.</remarks>
    public string Urls { get; set; } = "http://127.0.0.1:8080";

    /// <summary>The gateway's gRPC address. Default <c>http://127.0.0.1:50051</c>.</summary>
    public string GatewayAddress { get; set; } = "http://127.0.0.1:50051";

    /// <summary>Directory of the built web page. Null, the default, or a directory that is not there: a note on how to build it.</summary>
    public string? PageDirectory { get; set; }

    /// <summary>Origins whose pages may open feeds, such as <c>https://example.com</c>. Empty, the default: any, since a token decides.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Viewers of the relay at one time. Default 10000.</summary>
    public int MaxViewers { get; set; } = 10_000;

    /// <summary>Viewers of one session at one time. Default 1000.</summary>
    public int MaxViewersPerSession { get; set; } = 1000;

    /// <summary>Catch-up reads at the gateway at one time. Default 64; further viewers wait for <see cref="StartTimeout"/>.</summary>
    public int MaxCatchUps { get; set; } = 64;

    /// <summary>Bytes of payloads kept per session. Default 16 MiB; at least 1 MiB.</summary>
    public long LogBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long payloads of ended turns are kept. Default 60 s. Zero keeps the open turns only.</summary>
    public TimeSpan LogRetention { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of media sent to a viewer ahead of its acknowledgements. Default 128 KiB; at least 4 KiB.</summary>
    public int WindowBytes { get; set; } = 128 * 1024;

    /// <summary>Bytes of one message of a viewer. Default 256 KiB; at least 1 KiB.</summary>
    public int MaxMessageBytes { get; set; } = 256 * 1024;

    /// <summary>Viewer events per second and viewer that are passed on, twice as many at once. Default 100. Others are dropped.</summary>
    public int ViewerEventsPerSecond { get; set; } = 100;

    /// <summary>Bytes of viewer events of one session that wait for the gateway. Default 1 MiB; at least 128 KiB. Others are dropped.</summary>
    public int ViewerEventBytes { get; set; } = 1024 * 1024;

    /// <summary>Silence after which a heartbeat is sent, to viewers and to the gateway. Default 15 s.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Silence of a peer after which it counts as gone. Default 45 s; more than <see cref="HeartbeatInterval"/>.</summary>
    public TimeSpan PeerTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long a viewer may take to send its start, and to wait for a catch-up read. Default 10 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a viewer's socket may take to accept one message. Default 10 s.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long media may wait for a viewer's acknowledgement. Default 15 s.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a session is followed after its last viewer has left. Default 10 s. Zero: not at all.</summary>
    public TimeSpan FeedLinger { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long viewers wait for a gateway that went away before they are told. Default 60 s. Zero: not at all.</summary>
    public TimeSpan GatewayLossLimit { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the gateway is asked for its viewer token keys, which also tells whether it is there. Default 15 s.</summary>
    public TimeSpan KeyRefreshInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What viewers are given to leave by themselves at shutdown. Default 2 s. Zero: nothing.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Names everything that is wrong with these options, one sentence a problem, each beginning with the property's name.</summary>
    /// <returns>The problems; empty when the options can be used.</returns>
    public IReadOnlyList<string> Validate() => EdgeRelayOptionsRules.Check(this);
}
