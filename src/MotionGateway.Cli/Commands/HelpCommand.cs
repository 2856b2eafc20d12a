using System.CommandLine;

namespace MotionGateway.Cli.Commands;

/// <summary><c>help</c>: what <c>--help</c> behind a command shows.</summary>
internal static class HelpCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="root">The command that has all others.</param>
    public static Command Create(RootCommand root)
    {
        var words = new Argument<string[]>("command")
        {
            Description = "A command, such as 'speak' or 'sessions close'. Without one: all commands.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        words.CompletionSources.Add(_ => root.Subcommands.Select(command => command.Name));
        var command = new Command("help", "Show what a command is for and what it takes.") { words };
        command.SetAction(parsed =>
        {
            string[] path = parsed.GetValue(words) ?? [];
            Check(root, path);
            return root.Parse([.. path, "--help"]).Invoke(parsed.InvocationConfiguration);
        });
        return command;
    }

    private static void Check(Command command, string[] path)
    {
        foreach (string word in path)
        {
            command = command.Subcommands.FirstOrDefault(known => known.Name == word)
                ?? throw new CommandException(
                    command.Subcommands.Count > 0 ? CommandLine.UnknownCommand(word, command) : $"'{command.Name}' has no further commands.",
                    ExitCode.Usage);
        }
    }
}
