namespace MotionGateway.Cli.Audio;

/// <summary>Tells how long the speech lasts that was sent.</summary>
internal interface ISpeechClock
{
    /// <summary>Bytes of a second of speech; a guess where they vary.</summary>
    int BytesPerSecond { get; }

    /// <summary>Media time of all that was sent.</summary>
    TimeSpan Sent { get; }

    /// <summary>Counts what was sent after the rest.</summary>
    void Add(ReadOnlySpan<byte> sent);
}
