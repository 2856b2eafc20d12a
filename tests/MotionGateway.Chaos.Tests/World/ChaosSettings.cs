using MotionGateway.Chaos.Tests.Oracle;
using MotionGateway.EdgeRelay;
using MotionGateway.Gateway;
using MotionGateway.LocalMotion;
using MotionGateway.MotionServer;
using MotionGateway.Sessions;

namespace MotionGateway.Chaos.Tests.World;

/// <summary>Settings under which what takes minutes elsewhere takes seconds.</summary>
internal static class ChaosSettings
{
    public static readonly TimeSpan ResumeWindow = TimeSpan.FromSeconds(25);

    public static readonly TimeSpan ClosedRetention = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan PeerTimeout = TimeSpan.FromSeconds(5);

    public static GatewayOptions Gateway(RestartableMotionServer motionServer) => new()
    {
        Urls = "http://127.0.0.1:0",
        MotionServer = new MotionServerOptions
        {
            AppId = LocalMotionServerOptions.DefaultAppId,
            ApiKey = LocalMotionServerOptions.DefaultApiKey,
            ConsoleUrl = motionServer.ConsoleUrl,
            IngressUrl = motionServer.IngressUrl,
            StepTimeout = TimeSpan.FromSeconds(2),
            SendTimeout = TimeSpan.FromSeconds(2),
            MotionTimeout = TimeSpan.FromSeconds(2),
            CloseTimeout = TimeSpan.FromSeconds(1),
            KeepAliveInterval = TimeSpan.FromSeconds(2),
            KeepAliveTimeout = TimeSpan.FromSeconds(2),
        },
        MotionServerReconnect = new ReconnectPolicy
        {
            MaxAttempts = 4,
            FirstDelay = TimeSpan.FromMilliseconds(50),
            Budget = TimeSpan.FromSeconds(8),
        },
        HeartbeatInterval = TimeSpan.FromSeconds(1),
        HeartbeatTimeout = PeerTimeout,
        WriteTimeout = PeerTimeout,
        ShutdownGrace = TimeSpan.Zero,
        Limits = new SessionLimits
        {
            AudioCreditBytes = 400_000,
            ResumeWindow = ResumeWindow,
            ClosedRetention = ClosedRetention,
            PauseLimit = TimeSpan.FromSeconds(2),
        },
    };

    public static LocalMotionServerOptions MotionServer(MotionRecord record) => new()
    {
        FirstSegment = TimeSpan.FromMilliseconds(400),
        NextSegments = TimeSpan.FromMilliseconds(800),
        FaultDelay = TimeSpan.FromMilliseconds(300),
        CloseTimeout = TimeSpan.FromSeconds(1),
        WriteTimeout = TimeSpan.FromSeconds(2),
        MaxConnections = 500,
        Observer = record,
    };

    public static EdgeRelayOptions Relay(string gatewayAddress) => new()
    {
        Urls = "http://127.0.0.1:0",
        GatewayAddress = $"http://{gatewayAddress}",
        HeartbeatInterval = TimeSpan.FromSeconds(1),
        PeerTimeout = PeerTimeout,
        WriteTimeout = PeerTimeout,
        StallTimeout = PeerTimeout,
        FeedLinger = TimeSpan.FromSeconds(1),
        KeyRefreshInterval = TimeSpan.FromSeconds(2),
        ShutdownGrace = TimeSpan.Zero,
    };
}
