namespace MotionGateway.Speech.Recognition;

/// <summary>What a gate lets through; valid until its next use.</summary>
internal readonly ref struct Passed(ReadOnlySpan<byte> samples, ReadOnlySpan<byte> file = default)
{
    /// <summary>Bytes that go on where the ones before ended.</summary>
    public ReadOnlySpan<byte> Samples { get; } = samples;

    /// <summary>Bytes after these, which begin a file of the declared encoding; empty when none begins.</summary>
    public ReadOnlySpan<byte> File { get; } = file;
}
