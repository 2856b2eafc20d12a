namespace MotionGateway.Cli.Audio;

/// <summary>Mono signed 16-bit little-endian samples from a file or a pipe. The underlying stream belongs to who made it.</summary>
internal sealed class PcmStream
{
    private readonly Stream _stream;
    private readonly string _name;
    private readonly long? _expectedBytes;
    private long _readBytes;

    /// <summary>Wraps a stream that stands at the first sample.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="sampleRate">Hertz.</param>
    /// <param name="expectedBytes">Bytes that are promised; null when only the end of the stream tells.</param>
    public PcmStream(Stream stream, string name, int sampleRate, long? expectedBytes)
    {
        _stream = stream;
        _name = name;
        _expectedBytes = expectedBytes;
        SampleRate = sampleRate;
    }

    /// <summary>Hertz.</summary>
    public int SampleRate { get; }

    /// <summary>Bytes in all; null when only the end of the stream tells.</summary>
    public long? Length => _expectedBytes;

    /// <summary>Fills the buffer as far as there are samples.</summary>
    /// <returns>Bytes read, an even number; 0 at the end.</returns>
    /// <exception cref="AudioFormatException">The stream ended early, or in the middle of a sample.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        buffer = buffer[..(buffer.Length & ~1)];
        if (_expectedBytes is { } expected && expected - _readBytes < buffer.Length)
        {
            buffer = buffer[..(int)(expected - _readBytes)];
        }

        int read = await _stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        _readBytes += read;
        if (read < buffer.Length && _expectedBytes is not null)
        {
            throw new AudioFormatException(
                $"{_name} ends early: its header promises {_expectedBytes} bytes of samples, {_readBytes} are there.");
        }

        return read % sizeof(short) == 0 ? read : throw new AudioFormatException(
            $"{_name} ends in the middle of a sample: 16-bit samples take two bytes each, and {_readBytes} is odd.");
    }
}
