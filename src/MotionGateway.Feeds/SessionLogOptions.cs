namespace MotionGateway.Feeds;

/// <summary>Bounds of a log.</summary>
/// <remarks>
/// An entry leaves when it is older than <see cref="Retention"/> or the log is larger than <see cref="MaxBytes"/>, whichever is
/// first, but not before it has been heard, as far as the owner tells (<see cref="SessionLog.MarkHeard"/>). What is unheard is
/// bounded by how far ahead of playback the owner appends, its lead: <see cref="MaxBytes"/> has to be more than the lead times
/// the bytes of a second of media, else the log holds nothing that was heard and is larger than it may be. Where nobody tells
/// what has been heard, <see cref="Retention"/> has to be more than the lead, and <see cref="MaxBytes"/> the same as before.
/// </remarks>
public sealed record SessionLogOptions
{
    /// <summary>
    /// Bytes of entries kept, in all forms in which they were asked for; the oldest leave first. What is unheard is kept
    /// beyond that, up to twice as much. Default 16 MiB.
    /// </summary>
    public long MaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long entries are kept; the time in which playback is paused does not count. Default 60 s.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Readers at one time, of those that count. Default 1024.</summary>
    public int MaxReaders { get; init; } = 1024;
}
