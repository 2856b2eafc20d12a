using Xunit;

namespace MotionGateway.Testing;

/// <summary>A theory that needs a tool; without it the test is skipped, but never in continuous integration.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresToolTheoryAttribute : TheoryAttribute
{
    /// <summary>Names the tool.</summary>
    /// <param name="tool">A program on the path, an absolute path, or a path in the repository.</param>
    /// <param name="remedy">How to get it.</param>
    public RequiresToolTheoryAttribute(string tool, string remedy)
    {
        Tool = tool;
        Remedy = remedy;
        Skip = RequiredTool.WhyMissing(tool, remedy)!;
    }

    /// <summary>The tool.</summary>
    public string Tool { get; }

    /// <summary>How to get it.</summary>
    public string Remedy { get; }
}
