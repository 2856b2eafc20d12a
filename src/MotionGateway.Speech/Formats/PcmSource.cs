namespace MotionGateway.Speech.Formats;

/// <summary>Samples and nothing else.</summary>
/// <param name="form">How a sample is stored.</param>
/// <param name="sampleRate">Hertz.</param>
/// <param name="channels">1 or 2.</param>
internal sealed class PcmSource(SampleForm form, int sampleRate, int channels) : ISpeechSource
{
    private readonly SampleReader _reader = new(form, channels);

    public int SampleRate { get; } = sampleRate;

    public int HeldLength => _reader.CutLength;

    public void Take(ReadOnlySpan<byte> bytes, SampleBuffer mono) => _reader.Read(bytes, mono);

    public void BeginFile(ReadOnlySpan<byte> bytes, SampleBuffer mono) => Take(bytes, mono);

    public int Complete(SampleBuffer mono) => _reader.DropCut();

    public void Dispose()
    {
    }
}
