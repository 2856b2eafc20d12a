namespace MotionGateway.Cli.Configuration;

/// <summary>Guesses what a person meant to write.</summary>
internal static class NearestName
{
    /// <summary>Finds the name that is nearest, if one is near: at most a third of its letters differ.</summary>
    public static string? Find(string written, IEnumerable<string> names) => names
        .Select(name => (Name: name, Distance: Distance(written.ToUpperInvariant(), name.ToUpperInvariant())))
        .Where(candidate => candidate.Distance <= Math.Max(1, Math.Max(candidate.Name.Length, written.Length) / 3))
        .OrderBy(candidate => candidate.Distance)
        .Select(candidate => candidate.Name)
        .FirstOrDefault();

    // Letters to insert, remove or exchange, row by row.
    private static int Distance(string from, string to)
    {
        int[] previous = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int[] current = new int[to.Length + 1];
            current[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int exchange = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(exchange, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[to.Length];
    }
}
