using System.Text.RegularExpressions;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>What the sources in src/ may hold.</summary>
public sealed partial class LayoutTests
{
    private static string Sources => RepositoryRoot.PathTo("src");

    [Fact]
    public void Sources_ConditionalCompilation_IsAbsent() => Assert.Empty(SourcesWith(ConditionalCompilation()));

    [Fact]
    public void Sources_UnboundedChannelsAndAsyncVoid_AreAbsent() => Assert.Empty(SourcesWith(Forbidden()));

    private static List<string> SourcesWith(Regex pattern) =>
    [
        .. Directory.GetFiles(Sources, "*.cs", SearchOption.AllDirectories)
            .Where(path => !IsGenerated(path) && pattern.IsMatch(File.ReadAllText(path)))
            .Select(path => Path.GetRelativePath(Sources, path)),
    ];

    private static bool IsGenerated(string path) =>
        path.Contains("/obj/", StringComparison.Ordinal) || path.Contains("/bin/", StringComparison.Ordinal)
        || path.Contains("/node_modules/", StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*#(el)?if\b", RegexOptions.Multiline)]
    private static partial Regex ConditionalCompilation();

    [GeneratedRegex(@"\bCreateUnbounded|\basync\s+void\b")]
    private static partial Regex Forbidden();
}
