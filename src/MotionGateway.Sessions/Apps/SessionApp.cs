using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>An app that sessions are opened under.</summary>
/// <param name="Name">Its name at this gateway.</param>
/// <param name="Connector">
/// Makes its connections to the Motion Server. Another one stands for other credentials: sessions that are open keep the one they have.
/// </param>
public sealed record SessionApp(string Name, IMotionConnector Connector)
{
    /// <summary>Its id at the Motion Server, which viewers load the avatar by.</summary>
    public string AppId { get; init; } = "";

    /// <summary>How long motion may take that is due.</summary>
    public TimeSpan MotionTimeout { get; init; } = new MotionServerOptions().MotionTimeout;

    /// <summary>How much of the gateway it may have.</summary>
    public AppLimits Limits { get; init; } = new();

    /// <summary>What is let go of when the last session with this connector has gone; null: nothing.</summary>
    public IAsyncDisposable? Connections { get; init; }

    /// <summary>The one answer to an app that is not there, and to one that is not for who asks.</summary>
    public static GatewayException NotFound() =>
        new(ErrorReason.AppNotFound, "There is no such app here for you: name one that you may open sessions under.") { Field = "open.app" };
}
