using System.Buffers.Binary;

namespace MotionGateway.Cli.Audio;

/// <summary>Writes mono signed 16-bit samples as a WAV file, whose header is completed when it is closed.</summary>
internal sealed class WavWriter : IDisposable
{
    private const int HeaderBytes = 44;
    private const int RiffOverhead = HeaderBytes - 8;
    private const short Pcm = 1;
    private const short Channels = 1;
    private const short BitsPerSample = 16;
    private const short BytesPerSample = BitsPerSample / 8;

    private readonly FileStream _file;
    private long _bytes;

    /// <summary>Makes the file, or makes it anew.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public WavWriter(string path)
    {
        _file = File.Create(path);
        _file.Write(new byte[HeaderBytes]);
    }

    /// <summary>Hertz; to be set before the file is closed.</summary>
    public int SampleRate { get; set; }

    /// <summary>How much was written, in media time.</summary>
    public TimeSpan Duration => SampleRate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)_bytes / BytesPerSample / SampleRate);

    /// <summary>Adds samples.</summary>
    public void Write(ReadOnlySpan<byte> samples)
    {
        _file.Write(samples);
        _bytes += samples.Length;
    }

    /// <summary>Completes the header and closes the file. May be called more than once.</summary>
    public void Dispose()
    {
        if (!_file.CanWrite)
        {
            return;
        }

        _file.Position = 0;
        _file.Write(Header());
        _file.Dispose();
    }

    private byte[] Header()
    {
        byte[] header = new byte[HeaderBytes];
        var rest = header.AsSpan();
        // What is longer than the format can say is as long as it can say.
        uint bytes = (uint)Math.Min(_bytes, uint.MaxValue - RiffOverhead);
        "RIFF"u8.CopyTo(rest);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[4..], bytes + RiffOverhead);
        "WAVEfmt "u8.CopyTo(rest[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(rest[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(rest[20..], Pcm);
        BinaryPrimitives.WriteInt16LittleEndian(rest[22..], Channels);
        BinaryPrimitives.WriteInt32LittleEndian(rest[24..], SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(rest[28..], SampleRate * BytesPerSample);
        BinaryPrimitives.WriteInt16LittleEndian(rest[32..], BytesPerSample);
        BinaryPrimitives.WriteInt16LittleEndian(rest[34..], BitsPerSample);
        "data"u8.CopyTo(rest[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[40..], bytes);
        return header;
    }
}
