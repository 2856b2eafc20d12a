namespace MotionGateway.Speech.Formats;

/// <summary>Mono samples that one call makes, in units of 16-bit PCM; its memory is used again.</summary>
internal sealed class SampleBuffer
{
    private float[] _samples = [];

    public int Count { get; private set; }

    public ReadOnlySpan<float> Written => _samples.AsSpan(0, Count);

    /// <summary>Makes room behind what is written. What of it was used is told by <see cref="Advance"/>.</summary>
    public Span<float> Room(int samples)
    {
        if (Count + samples > _samples.Length)
        {
            Array.Resize(ref _samples, Math.Max(Count + samples, 2 * _samples.Length));
        }

        return _samples.AsSpan(Count, samples);
    }

    public void Advance(int samples) => Count += samples;

    public void Clear() => Count = 0;
}
