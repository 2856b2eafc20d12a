using MotionGateway.LocalMotion;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>What a client of a local Motion Server is given.</summary>
internal static class LocalServers
{
    public static MotionServerOptions ClientOptions(this LocalMotionServer server) => new()
    {
        AppId = LocalMotionServerOptions.DefaultAppId,
        ApiKey = LocalMotionServerOptions.DefaultApiKey,
        ConsoleUrl = server.ConsoleUrl,
        IngressUrl = server.IngressUrl,
    };
}
