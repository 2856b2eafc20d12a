using MotionGateway.LocalMotion;
using MotionGateway.MotionServer;

namespace MotionGateway.Cli.Configuration;

/// <summary>What is done where no credentials of the Motion Server are configured.</summary>
internal static class MotionServerCredentials
{
    /// <summary>Says how to configure them.</summary>
    public const string HowToSet =
        "Gateway:MotionServer:AppId and Gateway:MotionServer:ApiKey are not set: set MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APPID and "
        + "MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY to your app's credentials, or set DOTNET_ENVIRONMENT=Development to use the "
        + "local Motion Server.";

    /// <summary>Says loudly that motion is not the real thing.</summary>
    public const string LocalNotice =
        "NO CREDENTIALS ARE CONFIGURED: the LOCAL MOTION SERVER makes the motion. It is for development and follows loudness only.";

    /// <summary>Whether no credentials at all are configured.</summary>
    public static bool AreMissing(MotionServerOptions options) => options is { AppId: "", ApiKey: "" };

    /// <summary>Points options without credentials at the local Motion Server.</summary>
    /// <param name="options">The options.</param>
    /// <param name="address">Where it listens, unless the options name another address of this machine.</param>
    /// <returns>False when credentials are configured, or another machine's address: then nothing is changed.</returns>
    public static bool UseLocal(MotionServerOptions options, Uri address)
    {
        if (!AreMissing(options) || options.ConsoleUrl is { IsLoopback: false } || options.IngressUrl is { IsLoopback: false })
        {
            return false;
        }

        options.AppId = LocalMotionServerOptions.DefaultAppId;
        options.ApiKey = LocalMotionServerOptions.DefaultApiKey;
        options.ConsoleUrl ??= new Uri(address, "/v1/console");
        options.IngressUrl ??= new UriBuilder(new Uri(address, "/v2/driveningress")) { Scheme = Uri.UriSchemeWs }.Uri;
        return true;
    }
}
