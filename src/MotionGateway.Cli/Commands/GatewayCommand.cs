using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Hosting;
using MotionGateway.Cli.Output;
using MotionGateway.Gateway;
using MotionGateway.Hosting;

namespace MotionGateway.Cli.Commands;

/// <summary><c>gateway</c>: runs a gateway.</summary>
internal static class GatewayCommand
{
    private const string Summary =
        "Run a gateway: it takes speech over gRPC, has the Motion Server make motion from it, and keeps each session's log.";

    private const string Explanation =
        "Settings come from appsettings.json (section MotionGateway:Gateway), then from the environment "
        + "(such as MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY), then from these options.\n'motiongateway config sample gateway' writes all that there are.\n"
        + "With DOTNET_ENVIRONMENT=Development "
        + "and no credentials the local Motion Server is used: start one with 'motiongateway motion-server'.";

    public static Command Create()
    {
        var urls = CommonOptions.Urls(CommonOptions.GatewayUrl);
        var console = CommonOptions.Setting("--motion-server-console", "URL", "Base address of the Motion Server's console API. [default: by region]");
        var ingress = CommonOptions.Setting("--motion-server-ingress", "URL", "Base address of the Motion Server's ingress, ws or wss. [default: by region]");
        var region = CommonOptions.Setting("--region", "NAME", "Region of the Motion Server. [default: us-west]");
        var appId = CommonOptions.Setting("--app-id", "ID", "App ID at the Motion Server.");
        var apiKey = CommonOptions.Setting(
            "--api-key", "KEY", "API key. Others can see it in the process list: prefer MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY.");
        var keyFile = CommonOptions.Setting(
            "--viewer-token-key-file", "FILE", "PEM file of the key that signs viewer tokens; made when it is not there. [default: a key of this run]");
        var config = CommonOptions.Config();
        var set = CommonOptions.Set("Gateway:Limits:MaxTurn=5m");
        var logLevel = CommonOptions.DefaultLevel();
        var logFormat = CommonOptions.LogFormat();
        var json = CommonOptions.Json();
        var command = new ExplainedCommand("gateway", Summary, Explanation)
        {
            urls, console, ingress, region, appId, apiKey, keyFile, config, set, logLevel, logFormat, json,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var sources = CommonOptions.Sources(
                parsed, config, set,
                ("Gateway:Urls", urls), ("Gateway:MotionServer:ConsoleUrl", console), ("Gateway:MotionServer:IngressUrl", ingress),
                ("Gateway:MotionServer:Region", region), ("Gateway:MotionServer:AppId", appId), ("Gateway:MotionServer:ApiKey", apiKey),
                ("Gateway:ViewerTokenKeyFile", keyFile), ("Gateway:Logging:LogLevel:Default", logLevel), ("Gateway:Logging:Format", logFormat));
            if (parsed.GetValue(apiKey) is not null)
            {
                Console.Error.WriteLine(
                    "warning: --api-key can be seen in the process list; prefer MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY.");
            }

            return RunAsync(sources, new Screen(parsed.GetValue(json)), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(SettingsSources sources, Screen screen, CancellationToken cancellationToken)
    {
        var options = ServiceSettings.ReadGateway(sources, out bool isLocal);
        if (isLocal)
        {
            await Console.Error.WriteLineAsync(
                $"warning: {MotionServerCredentials.LocalNotice} It is expected at {options.MotionServer.ConsoleUrl}.");
        }

        using var telemetry = Telemetry.Start("gateway");
        await using var metrics = await MetricsEndpoint.StartAsync("gateway", options.MetricsUrl, screen, cancellationToken);
        var app = Build(options);
        await using var service = await RunningService.StartAsync("gateway", options.Urls, app, cancellationToken);
        using var reload = SettingsReload<GatewayOptions>.Start(ServiceSettings.GatewaySection, sources, app.Services);
        using var levels = app.Services.GetRequiredService<IOptionsMonitor<GatewayOptions>>().OnChange(
            live => app.Services.GetRequiredService<LogLevels>().Change(live.Logging));
        return await service.RunAsync(screen, "gateway", cancellationToken);
    }

    private static Microsoft.AspNetCore.Builder.WebApplication Build(GatewayOptions options)
    {
        try
        {
            return GatewayHost.Build(options, builder => RunningService.Configure(builder, "gateway", options.Logging));
        }
        catch (OptionsValidationException failure)
        {
            throw new SettingsException([.. failure.Failures.Select(problem => $"{ServiceSettings.GatewaySection}:{problem}")]);
        }
    }
}
