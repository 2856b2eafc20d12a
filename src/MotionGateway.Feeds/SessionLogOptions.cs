namespace MotionGateway.Feeds;

/// <summary>Bounds of a log.</summary>
public sealed record SessionLogOptions
{
    /// <summary>Bytes of encoded payloads kept; the oldest leave first. Default 16 MiB.</summary>
    public long MaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long payloads are kept after they were appended, but never shorter than their turn lasts. Default 60 s.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Readers at one time. Default 1024.</summary>
    public int MaxReaders { get; init; } = 1024;
}
