namespace MotionGateway.Cli.Configuration;

/// <summary>The configuration is wrong: names everything that is, each with the path of its setting.</summary>
internal sealed class SettingsException(IReadOnlyList<string> problems) : CommandException(ToMessage(problems), Cli.ExitCode.Usage)
{
    /// <summary>The problems, one sentence each.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;

    private static string ToMessage(IReadOnlyList<string> problems) => problems.Count == 1
        ? $"The configuration is wrong. {problems[0]}"
        : $"The configuration has {problems.Count} problems:\n" + string.Join('\n', problems.Select(problem => $"  {problem}"));
}
