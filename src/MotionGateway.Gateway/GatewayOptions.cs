using MotionGateway.MotionServer;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>Settings of a gateway.</summary>
public sealed class GatewayOptions
{
    /// <summary>Addresses to listen on, <c>;</c> between them; http means HTTP/2 without TLS. Default http://127.0.0.1:50051.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:50051";

    /// <summary>
    /// Callers are not authenticated: listening beyond loopback is refused unless this is set. Default false.
    /// </summary>
    public bool AllowUnauthenticatedCallersBeyondLoopback { get; set; }

    /// <summary>The Motion Server and the app's credentials.</summary>
    public MotionServerOptions MotionServer { get; set; } = new();

    /// <summary>
    /// Connections to the Motion Server that are kept open ahead of sessions. By default none (<c>Size</c> 0): each counts
    /// against the app's concurrency.
    /// </summary>
    public MotionConnectionPoolOptions MotionServerPool { get; set; } = new() { Size = 0 };

    /// <summary>How a session that has lost its connection to the Motion Server makes a new one for its next turn.</summary>
    public ReconnectPolicy MotionServerReconnect { get; set; } = new SessionHostOptions().Reconnect;

    /// <summary>PEM file of the key that signs viewer tokens; made when it is not there. Null: a key of this process only.</summary>
    public string? ViewerTokenKeyFile { get; set; }

    /// <summary>How long viewer tokens are valid when nothing else is asked for. Default 1 hour.</summary>
    public TimeSpan ViewerTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a call may take to send its first request. Default 30 s.</summary>
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence after which a heartbeat is sent. Default 15 s.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a peer that sends heartbeats may be silent. Default 45 s.</summary>
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long one write may take, and how long a full window may wait for an acknowledgement. Default 15 s.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long streams go on after a shutdown was asked for. Default 5 s.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Sessions at one time. Default 1000.</summary>
    public int MaxSessions { get; set; } = 1000;

    /// <summary>Bounds of each session.</summary>
    public SessionLimits Limits { get; set; } = new();
}
