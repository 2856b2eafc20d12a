using MotionGateway.MotionServer;

namespace MotionGateway.Cli.Checking;

/// <summary>What is checked.</summary>
/// <param name="Gateway">The gateway's address.</param>
/// <param name="Relay">The relay's address; null for a deployment without one.</param>
/// <param name="AvatarId">The avatar for which a session is opened.</param>
/// <param name="MotionServer">The Motion Server that is tried by itself; null: by the gateway only.</param>
internal sealed record CheckPlan(Uri Gateway, Uri? Relay, string AvatarId, MotionServerOptions? MotionServer);
