using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Hosting;
using MotionGateway.Cli.Output;
using MotionGateway.EdgeRelay;
using MotionGateway.Hosting;

namespace MotionGateway.Cli.Commands;

/// <summary><c>relay</c>: runs an edge relay.</summary>
internal static class RelayCommand
{
    private const string Summary = "Run an edge relay: it follows sessions at a gateway and serves viewers over WebSocket.";

    private const string Explanation =
        "Settings come from appsettings.json (section MotionGateway:Relay), then from the environment "
        + "(such as MOTIONGATEWAY__RELAY__GATEWAYADDRESS), then from these options.\n'motiongateway config sample relay' writes all that there are.";

    public static Command Create()
    {
        var urls = CommonOptions.Urls(CommonOptions.RelayUrl);
        var gateway = CommonOptions.Setting("--gateway", "URL", $"The gateway's gRPC address. [default: {CommonOptions.GatewayUrl}]");
        var page = CommonOptions.Setting("--page", "DIRECTORY", "Directory of the web page. [default: the one that was built with this executable]");
        var config = CommonOptions.Config();
        var set = CommonOptions.Set("Relay:MaxViewers=500");
        var logLevel = CommonOptions.DefaultLevel();
        var logFormat = CommonOptions.LogFormat();
        var json = CommonOptions.Json();
        var command = new ExplainedCommand("relay", Summary, Explanation) { urls, gateway, page, config, set, logLevel, logFormat, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var sources = CommonOptions.Sources(
                parsed, config, set, ("Relay:Urls", urls), ("Relay:GatewayAddress", gateway), ("Relay:PageDirectory", page),
                ("Relay:Logging:LogLevel:Default", logLevel), ("Relay:Logging:Format", logFormat));
            return RunAsync(sources, new Screen(parsed.GetValue(json)), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(SettingsSources sources, Screen screen, CancellationToken cancellationToken)
    {
        var options = ServiceSettings.ReadRelay(sources);
        using var telemetry = Telemetry.Start("relay");
        await using var metrics = await MetricsEndpoint.StartAsync("relay", options.MetricsUrl, screen, cancellationToken);
        var app = EdgeRelayHost.Build(options, builder => RunningService.Configure(builder, "relay", options.Logging));
        await using var service = await RunningService.StartAsync("relay", options.Urls, app, cancellationToken);
        using var reload = SettingsReload<EdgeRelayOptions>.Start(ServiceSettings.RelaySection, sources, app.Services);
        using var levels = app.Services.GetRequiredService<IOptionsMonitor<EdgeRelayOptions>>().OnChange(
            live => app.Services.GetRequiredService<LogLevels>().Change(live.Logging));
        return await service.RunAsync(screen, "relay", cancellationToken);
    }
}
