namespace MotionGateway.Cli.Configuration;

/// <summary>The configuration is wrong: names everything that is, each with the path of its setting.</summary>
internal sealed class SettingsException : CommandException
{
    /// <summary>Makes one.</summary>
    /// <param name="problems">The problems, one sentence each.</param>
    public SettingsException(IReadOnlyList<string> problems)
        : base(ToMessage(problems), Cli.ExitCode.Usage)
    {
        Problems = problems;
        Reason = "CONFIGURATION_WRONG";
    }

    /// <summary>The problems, one sentence each.</summary>
    public IReadOnlyList<string> Problems { get; }

    private static string ToMessage(IReadOnlyList<string> problems) => problems.Count == 1
        ? $"The configuration is wrong. {problems[0]}"
        : $"The configuration has {problems.Count} problems:\n" + string.Join('\n', problems.Select(problem => $"  {problem}"));
}
