using MotionGateway.MotionServer;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>An app, or tenant: the credentials that its sessions are opened under, and how much of the gateway it may have.</summary>
public sealed class AppOptions
{
    /// <summary>The Motion Server and the app's credentials.</summary>
    public MotionServerOptions MotionServer { get; set; } = new();

    /// <summary>Connections to the Motion Server that are kept open ahead of the app's sessions. By default none (<c>Size</c> 0).</summary>
    public MotionConnectionPoolOptions MotionServerPool { get; set; } = new() { Size = 0 };

    /// <summary>How much of the gateway the app may have.</summary>
    public AppLimits Limits { get; set; } = new();

    /// <summary>LiveKit projects that the app's sessions may be published into, by a name that callers choose by. Default none.</summary>
    public IDictionary<string, LiveKitCredentials> LiveKit { get; init; } = new Dictionary<string, LiveKitCredentials>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Agora projects that the app's sessions may be published into, by a name that callers choose by. Default none.</summary>
    public IDictionary<string, AgoraCredentials> Agora { get; init; } = new Dictionary<string, AgoraCredentials>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The App ID; never a credential.</summary>
    public override string ToString() => $"AppOptions {{ AppId = {MotionServer.AppId} }}";
}
