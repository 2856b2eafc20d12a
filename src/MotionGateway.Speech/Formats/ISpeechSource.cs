namespace MotionGateway.Speech.Formats;

/// <summary>Mono samples of one turn's bytes, at the rate that they are of.</summary>
internal interface ISpeechSource : IDisposable
{
    /// <summary>Hertz; 0 while it is not known, before the first sample.</summary>
    int SampleRate { get; }

    /// <summary>Bytes taken that are no samples yet.</summary>
    int HeldLength { get; }

    /// <summary>Takes bytes that go on where those before ended.</summary>
    /// <exception cref="SpeechFormatException">They are not what they should be.</exception>
    void Take(ReadOnlySpan<byte> bytes, SampleBuffer mono);

    /// <summary>Takes bytes that begin a file, the turn's first or another.</summary>
    /// <exception cref="SpeechFormatException">They are not what they should be.</exception>
    void BeginFile(ReadOnlySpan<byte> bytes, SampleBuffer mono);

    /// <summary>Says that nothing follows.</summary>
    /// <returns>Bytes that never became a sample.</returns>
    /// <exception cref="SpeechFormatException">Something was due.</exception>
    int Complete(SampleBuffer mono);
}
