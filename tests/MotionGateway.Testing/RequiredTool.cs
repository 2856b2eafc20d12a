namespace MotionGateway.Testing;

/// <summary>Whether a tool that a test needs is there, and what to do when it is not.</summary>
public static class RequiredTool
{
    /// <summary>Why a test is skipped: it names the tool and the remedy. Null when the tool is there.</summary>
    /// <param name="tool">A program on the path, an absolute path, or a path in the repository.</param>
    /// <param name="remedy">How to get it.</param>
    /// <remarks>In continuous integration (<c>CI=true</c>) nothing is skipped: a test without its tool fails.</remarks>
    public static string? WhyMissing(string tool, string remedy) =>
        Environment.GetEnvironmentVariable("CI") == "true" || IsThere(tool) ? null : $"{tool} is missing: {remedy}";

    private static bool IsThere(string tool) => tool.Contains('/', StringComparison.Ordinal)
        ? File.Exists(Path.Combine(RepositoryRoot.Directory, tool))
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(directory => File.Exists(Path.Combine(directory, tool)));
}
