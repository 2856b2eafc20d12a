using System.Text.RegularExpressions;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>A block of shell commands in the documentation, and what the comment above it says about its test.</summary>
/// <param name="Place">File and line.</param>
/// <param name="Mode">
/// <c>run</c>, <c>packed</c>, <c>stack</c>, <c>serve</c>, <c>beside</c>, <c>sample</c>, <c>no</c>; empty when nothing says.
/// </param>
/// <param name="Argument">What follows the mode.</param>
/// <param name="Text">The commands.</param>
internal sealed partial record DocumentedCommand(string Place, string Mode, string Argument, string Text)
{
    private static readonly string[] Folders = ["docs", "deploy"];

    /// <summary>Every block of the documentation.</summary>
    public static IReadOnlyList<DocumentedCommand> All { get; } = [.. Files().SelectMany(Read)];

    private static IEnumerable<string> Files()
    {
        string[] clients = [.. Directory.GetDirectories(RepositoryRoot.PathTo("clients")), .. Directory.GetDirectories(RepositoryRoot.PathTo("clients", "samples"))];
        return Folders.SelectMany(folder => Directory.GetFiles(RepositoryRoot.PathTo(folder), "*.md", SearchOption.AllDirectories))
            .Concat(clients.Append(RepositoryRoot.Directory).Select(directory => Path.Combine(directory, "README.md")))
            .Where(File.Exists).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<DocumentedCommand> Read(string file)
    {
        string[] lines = File.ReadAllLines(file);
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim() == "```sh")
            {
                int end = Array.FindIndex(lines, i + 1, line => line.Trim() == "```");
                var comment = Comment().Match(i > 0 ? lines[i - 1] : "");
                yield return new DocumentedCommand(
                    $"{Path.GetRelativePath(RepositoryRoot.Directory, file)}:{i + 1}", comment.Groups["mode"].Value,
                    comment.Groups["argument"].Value, string.Join('\n', lines[(i + 1)..end]));
            }
        }
    }

    [GeneratedRegex(@"^\s*<!-- test: (?<mode>run|packed|stack|serve|beside|sample|no)\b *(?<argument>.*?) *-->$")]
    private static partial Regex Comment();
}
