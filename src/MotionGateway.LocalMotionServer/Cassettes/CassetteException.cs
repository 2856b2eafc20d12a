namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>A cassette cannot be read or written. The message names the file, the line where there is one, and what to do.</summary>
public sealed class CassetteException : IOException
{
    internal CassetteException(string file, int? line, string problem, Exception? cause = null)
        : base(line is null ? $"{file}: {problem}" : FormattableString.Invariant($"{file}:{line}: {problem}"), cause)
    {
        File = file;
        Line = line;
    }

    /// <summary>The cassette's path, as it was given.</summary>
    public string File { get; }

    /// <summary>Number of the line at fault, from 1; null when it is the file as a whole.</summary>
    public int? Line { get; }
}
