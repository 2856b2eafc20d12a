using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MotionGateway.Cli.Output;

/// <summary>A command's help followed by its explanation, which a list of commands has no room for.</summary>
internal sealed class ExplainingHelp(HelpAction help) : SynchronousCommandLineAction
{
    /// <summary>Who asks how a command is written is not told that it is written wrong.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int result = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is ExplainedCommand { Explanation: var explanation })
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"Notes:\n  {explanation.ReplaceLineEndings("\n  ")}\n");
        }

        return result;
    }
}
