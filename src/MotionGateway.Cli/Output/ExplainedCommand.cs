using System.CommandLine;

namespace MotionGateway.Cli.Output;

/// <summary>A command whose own help says more than a list of commands does.</summary>
internal sealed class ExplainedCommand(string name, string summary, string explanation) : Command(name, summary)
{
    /// <summary>What its own help adds.</summary>
    public string Explanation { get; } = explanation;
}
