namespace MotionGateway.Testing;

/// <summary>A table of the documentation, for tests that hold a service to it.</summary>
/// <param name="Columns">The heads of all columns but the first.</param>
/// <param name="Rows">The cells of each row, by the text of its first one.</param>
public sealed record DocumentedTable(IReadOnlyList<string> Columns, IReadOnlyDictionary<string, IReadOnlyList<string>> Rows)
{
    /// <summary>Reads the table whose first column has a head.</summary>
    /// <param name="file">The file, from the repository's root.</param>
    /// <param name="head">The first column's head.</param>
    public static DocumentedTable Read(string file, string head)
    {
        var lines = File.ReadLines(RepositoryRoot.PathTo(file.Split('/')))
            .SkipWhile(line => !line.StartsWith($"| {head} |", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith('|'))
            .Select(Split)
            .ToList();
        return new DocumentedTable([.. lines[0].Skip(1)], lines.Skip(2).ToDictionary(line => line[0], IReadOnlyList<string> (line) => [.. line.Skip(1)]));
    }

    /// <summary>Tells where what was seen is not what is documented.</summary>
    /// <param name="seen">What was seen in a row and a column.</param>
    public async Task<IReadOnlyList<string>> FindDifferencesAsync(Func<string, string, Task<string>> seen)
    {
        List<string> differences = [];
        foreach (var (row, cells) in Rows)
        {
            foreach (var (column, cell) in Columns.Zip(cells))
            {
                string actual = await seen(row, column);
                if (actual != cell)
                {
                    differences.Add($"{row} with {column}: documented is '{cell}', seen was '{actual}'");
                }
            }
        }

        return differences;
    }

    private static string[] Split(string line) =>
        [.. line.Trim('|').Split('|').Select(cell => cell.Replace("`", "", StringComparison.Ordinal).Trim())];
}
