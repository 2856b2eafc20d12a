using System.CommandLine;
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
        var options = new MotionServerCommandOptions();
        var command = new ExplainedCommand("motion-server", Summary, Explanation);
        foreach (var option in options.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var screen = new Screen(parsed.GetValue(options.Json));
            if (parsed.GetValue(options.ListFaults))
            {
                ListFaults(screen);
                return ExitCode.Ok;
            }

            var settings = ServiceSettings.ReadMotionServer(options.Sources(parsed));
            return await RunAsync(settings, parsed.GetValue(options.LogLevel), screen, cancellationToken);
        });
        return command;
    }

    /// <summary>Starts a local Motion Server.</summary>
    /// <exception cref="CommandException">Its options are wrong, or it cannot listen.</exception>
    public static async Task<LocalMotionServer> StartAsync(LocalMotionServerOptions options, CancellationToken cancellationToken)
    {
        if (options.Validate() is { Count: > 0 } problems)
        {
            throw new SettingsException([.. problems.Select(MotionServerCommandOptions.Explain)]);
        }

        try
        {
            return await LocalMotionServer.StartAsync(options, cancellationToken);
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
        using var loggers = LoggerFactory.Create(logging => ServiceLogs.Configure(logging, "motion-server", ServiceLogs.At(level)));
        options.LoggerFactory = loggers;
        await using var server = await StartAsync(options, cancellationToken);
        RunningService.Announce(screen, "motion-server", [server.BaseAddress.GetLeftPart(UriPartial.Authority)]);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCode.Ok;
    }

    private static void ListFaults(Screen screen)
    {
        int nameWidth = FaultCatalog.All.Max(fault => fault.Name.Length);
        int outcomeWidth = FaultCatalog.All.Max(fault => fault.Outcome.ToString().Length);
        foreach (var fault in FaultCatalog.All)
        {
            if (screen.IsJson)
            {
                screen.Json(fault.ToJson());
            }
            else
            {
                screen.Line($"{fault.Name.PadRight(nameWidth)}  {fault.Outcome.ToString().PadRight(outcomeWidth)}  {fault.Description}");
            }
        }
    }
}
