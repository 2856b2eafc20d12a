using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Hosting;
using MotionGateway.Cli.Output;
using MotionGateway.LocalMotion;
using MotionGateway.LocalMotion.Cassettes;
using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.Cli.Commands;

/// <summary><c>motion-server</c>: runs the local Motion Server.</summary>
internal static class MotionServerCommand
{
    private const string Summary =
        "Run the local Motion Server, to develop and test against: the real one's protocol, and motion that follows the sound.";

    private const string Explanation =
        "It knows one app and every avatar id but those that begin with 'missing-'. Console at /v1/console, ingress at "
        + "/v2/driveningress. An avatar id or API key that names a fault (--list-faults) is struck by it; /control/faults arms one for "
        + "others, with the API key in X-Api-Key.";

    public static Command Create()
    {
        var urls = CommonOptions.Urls(ServiceSettings.LocalMotionServerUrl);
        var appId = CommonOptions.Setting("--app-id", "ID", $"The one app that it knows. [default: {LocalMotionServerOptions.DefaultAppId}]");
        var apiKey = CommonOptions.Setting("--api-key", "KEY", $"The app's API key. [default: {LocalMotionServerOptions.DefaultApiKey}]");
        var realTime = new Option<bool>("--realtime") { Description = "Make motion at the speed of the speech instead of as fast as possible." };
        var first = new Option<int?>("--first-segment-ms") { Description = "Media time of a turn's first motion, a multiple of 40. [default: 2000]", HelpName = "MS" };
        var next = new Option<int?>("--next-segments-ms") { Description = "Media time of each further motion, a multiple of 40. [default: 4000]", HelpName = "MS" };
        var record = CommonOptions.Setting("--record", "FILE", "Pass everything on to another Motion Server and record it in a new cassette.");
        var console = CommonOptions.Setting("--upstream-console", "URL", "With --record: the other server's console endpoint.");
        var ingress = CommonOptions.Setting("--upstream-ingress", "URL", "With --record: the other server's ingress endpoint.");
        var replay = CommonOptions.Setting("--replay", "FILE", "Answer from a cassette, or a recording in JSON; with --realtime at the recorded pace.");
        var faults = new Option<bool>("--list-faults") { Description = "List the ways in which it misbehaves on demand, each with what a good client makes of it, and end." };
        var config = CommonOptions.Config();
        var set = CommonOptions.Set("MotionServer:MaxConnections=8");
        var logLevel = CommonOptions.LogLevel(LogLevel.Information);
        var json = CommonOptions.Json();
        var command = new ExplainedCommand("motion-server", Summary, Explanation)
        {
            urls, appId, apiKey, realTime, first, next, record, console, ingress, replay, faults, config, set, logLevel, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var screen = new Screen(parsed.GetValue(json));
            if (parsed.GetValue(faults))
            {
                ListFaults(screen);
                return ExitCode.Ok;
            }

            var sources = CommonOptions.Sources(
                parsed, config, set, ("MotionServer:Urls", urls), ("MotionServer:AppId", appId), ("MotionServer:ApiKey", apiKey),
                ("MotionServer:Record:File", record), ("MotionServer:Record:ConsoleUrl", console), ("MotionServer:Record:IngressUrl", ingress),
                ("MotionServer:Replay", replay));
            sources.Set("MotionServer:Pace", parsed.GetValue(realTime) ? nameof(ProcessingPace.RealTime) : null);
            sources.Set("MotionServer:FirstSegment", Milliseconds(parsed.GetValue(first)));
            sources.Set("MotionServer:NextSegments", Milliseconds(parsed.GetValue(next)));
            return await RunAsync(ServiceSettings.ReadMotionServer(sources), parsed.GetValue(logLevel), screen, cancellationToken);
        });
        return command;
    }

    /// <summary>Starts a local Motion Server.</summary>
    /// <exception cref="CommandException">Its options are wrong, or it cannot listen.</exception>
    public static async Task<LocalMotionServer> StartAsync(LocalMotionServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await LocalMotionServer.StartAsync(options, cancellationToken);
        }
        catch (ArgumentException failure)
        {
            throw new SettingsException([failure.Message]);
        }
        catch (CassetteException failure)
        {
            throw new CommandException(failure.Message);
        }
        catch (Exception failure) when (RunningService.ListenFailure("local Motion Server", options.Urls ?? "", failure) is { } told)
        {
            throw told;
        }
    }

    private static async Task<int> RunAsync(
        LocalMotionServerOptions options, LogLevel level, Screen screen, CancellationToken cancellationToken)
    {
        using var telemetry = Telemetry.Start("motion-server");
        using var loggers = LoggerFactory.Create(logging => ServiceLogs.Configure(logging, level));
        options.LoggerFactory = loggers;
        await using var server = await StartAsync(options, cancellationToken);
        RunningService.Announce(screen, "motion-server", [server.BaseAddress.GetLeftPart(UriPartial.Authority)]);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCode.Ok;
    }

    private static string? Milliseconds(int? value) =>
        value is { } milliseconds ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms") : null;

    private static void ListFaults(Screen screen)
    {
        int nameWidth = FaultCatalog.All.Max(fault => fault.Name.Length);
        int outcomeWidth = FaultCatalog.All.Max(fault => fault.Outcome.ToString().Length);
        foreach (var fault in FaultCatalog.All)
        {
            if (screen.IsJson)
            {
                screen.Json(new { name = fault.Name, stage = fault.Stage, description = fault.Description, outcome = Describe(fault.Outcome) });
            }
            else
            {
                screen.Line($"{fault.Name.PadRight(nameWidth)}  {fault.Outcome.ToString().PadRight(outcomeWidth)}  {fault.Description}");
            }
        }
    }

    private static object Describe(FaultOutcome outcome) => new
    {
        kind = outcome.Kind,
        code = outcome.Code,
        phase = outcome.Phase,
        retry = outcome.Retry,
        retryAfterSeconds = outcome.RetryAfter?.TotalSeconds,
        connectionStays = outcome.ConnectionStays,
    };
}
