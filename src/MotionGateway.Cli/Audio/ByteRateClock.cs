namespace MotionGateway.Cli.Audio;

/// <summary>Time by the number of bytes.</summary>
/// <param name="bytesPerSecond">Bytes of a second of speech.</param>
/// <param name="headerBytes">Bytes at the start that last no time.</param>
internal sealed class ByteRateClock(int bytesPerSecond, long headerBytes = 0) : ISpeechClock
{
    private long _bytes;

    public int BytesPerSecond { get; } = bytesPerSecond;

    public TimeSpan Sent => TimeSpan.FromSeconds((double)Math.Max(0, _bytes - headerBytes) / BytesPerSecond);

    public void Add(ReadOnlySpan<byte> sent) => _bytes += sent.Length;
}
