using System.CommandLine;
using System.CommandLine.Help;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using Grpc.Core;
using MotionGateway.Cli.Commands;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Output;

namespace MotionGateway.Cli;

/// <summary>The commands, and what their ends mean to the caller.</summary>
internal static class CommandLine
{
    private const string Description =
        "MotionGateway: speech in, audio and motion out.\n\n"
        + "Try it:   motiongateway demo\n"
        + "Run it:   motiongateway gateway   and   motiongateway relay\n"
        + "Use it:   motiongateway speak FILE,  motiongateway watch SESSION,  motiongateway sessions";

    /// <summary>Makes the root command with all others.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand(Description)
        {
            DemoCommand.Create(),
            GatewayCommand.Create(),
            RelayCommand.Create(),
            MotionServerCommand.Create(),
            SpeakCommand.Create(),
            WatchCommand.Create(),
            SessionsCommand.Create(),
        };
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new ExplainingHelp((HelpAction)help.Action!);
        }

        return root;
    }

    /// <summary>Runs what the arguments ask for.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Create().Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            foreach (string problem in FindProblems(parsed))
            {
                WriteError(problem);
            }

            string names = CommandPath(parsed);
            await Console.Error.WriteLineAsync($"Run '{names} --help' for what it takes.");
            return ExitCode.Usage;
        }

        using var signals = new Signals();
        int exitCode = await InvokeAsync(parsed, signals);
        return signals.Received == PosixSignal.SIGINT ? ExitCode.Interrupted : exitCode;
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, Signals signals)
    {
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, signals.Token);
        }
        catch (CommandException failure)
        {
            WriteError(failure.Message);
            return failure.ExitCode;
        }
        catch (Exception) when (signals.Received is not null)
        {
            // Whatever the cancellation broke off is not of interest to who asked for it.
            return signals.Received == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;
        }
        catch (RpcException failure)
        {
            WriteError(Failures.Describe(failure));
            return ExitCode.Failure;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or WebSocketException or HttpRequestException)
        {
            WriteError(failure.Message);
            return ExitCode.Failure;
        }
    }

    // A misspelt command is told once, with the one that was meant.
    private static IEnumerable<string> FindProblems(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var word, ..])
        {
            var names = command.Subcommands.Select(known => known.Name).ToList();
            return [NearestName.Find(word, names) is { } nearest
                ? $"There is no command '{word}': did you mean '{nearest}'?"
                : $"There is no command '{word}': there are {string.Join(", ", names)}."];
        }

        return parsed.Errors.Select(error => error.Message);
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Insert(0, result.Command is RootCommand ? "motiongateway" : result.Command.Name);
        }

        return string.Join(' ', names);
    }

    private static void WriteError(string message) => Console.Error.WriteLine($"error: {Screen.Clean(message)}");
}
