namespace MotionGateway.OggOpus;

/// <summary>The native library libopus is not on this machine. The message tells how to install it.</summary>
public sealed class OpusLibraryMissingException : Exception
{
    internal OpusLibraryMissingException(IReadOnlyList<string> names)
        : base("libopus was not found. Install it: `apt-get install libopus0` on Debian and Ubuntu, `apk add opus` on Alpine, "
            + "`brew install opus` on macOS; on Windows put opus.dll beside the program or on the PATH. "
            + $"Looked for {string.Join(", ", names)}.") =>
        Names = names;

    /// <summary>The names and paths that were tried, in order.</summary>
    public IReadOnlyList<string> Names { get; }
}
