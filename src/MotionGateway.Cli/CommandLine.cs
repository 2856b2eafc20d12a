using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
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
    private const string JsonOption = "--json";

    private const string Description =
        "MotionGateway: speech in, audio and motion out.\n\n"
        + "Try it:   motiongateway demo\n"
        + "Run it:   motiongateway gateway   and   motiongateway relay\n"
        + "Use it:   motiongateway speak FILE,  motiongateway watch SESSION,  motiongateway sessions\n"
        + "Try a deployment:   motiongateway check   and   motiongateway bench";

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
            CheckCommand.Create(),
            BenchCommand.Create(),
            ConfigCommand.Create(),
            CompletionCommand.Create(),
        };
        root.Subcommands.Add(HelpCommand.Create(root));
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
        bool isJson = args.Contains(JsonOption);
        if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true })
        {
            foreach (string problem in FindProblems(parsed))
            {
                ErrorReport.Write(isJson, problem, "USAGE_WRONG");
            }

            await Console.Error.WriteLineAsync($"Run '{CommandPath(parsed)} --help' for what it takes.");
            return ExitCode.Usage;
        }

        using var signals = new Signals();
        int exitCode = await InvokeAsync(parsed, isJson, signals);
        return signals.Received == PosixSignal.SIGINT ? ExitCode.Interrupted : exitCode;
    }

    /// <summary>Says that there is no such command among those of another, and which was meant.</summary>
    public static string UnknownCommand(string word, Command among)
    {
        var names = among.Subcommands.Select(known => known.Name).ToList();
        return NearestName.Find(word, names) is { } nearest
            ? $"There is no command '{word}': did you mean '{nearest}'?"
            : $"There is no command '{word}': there are {string.Join(", ", names)}.";
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, bool isJson, Signals signals)
    {
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, signals.Token);
        }
        catch (SettingsException failure)
        {
            ErrorReport.Write(isJson, failure.Message, failure.Reason, failure.Problems);
            return failure.ExitCode;
        }
        catch (CommandException failure)
        {
            ErrorReport.Write(isJson, failure.Message, failure.Reason);
            return failure.ExitCode;
        }
        catch (Exception) when (signals.Received is not null)
        {
            // Whatever the cancellation broke off is not of interest to who asked for it.
            return signals.Received == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;
        }
        catch (RpcException failure)
        {
            var told = Failures.ToException(failure);
            ErrorReport.Write(isJson, told.Message, told.Reason);
            return ExitCode.Failure;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or WebSocketException or HttpRequestException)
        {
            ErrorReport.Write(isJson, failure.Message);
            return ExitCode.Failure;
        }
    }

    // A misspelt command is told once, with the one that was meant.
    private static IEnumerable<string> FindProblems(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var word, ..]
            ? [UnknownCommand(word, command)] : parsed.Errors.Select(error => error.Message);
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
        {
            names.Insert(0, result.Command is RootCommand ? "motiongateway" : result.Command.Name);
        }

        return string.Join(' ', names);
    }
}
