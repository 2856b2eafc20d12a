using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Cli.Audio;

/// <summary>Speech from a file or a pipe, in the form in which it is there. The underlying stream belongs to who made it.</summary>
internal sealed class SpeechInput
{
    private const int MaxHeadBytes = 64 * 1024;

    // The first page of Ogg, and the header of most WAV files: a pipe that is spoken into has them at once.
    private const int MinHeadBytes = 64;

    // All that a beginning is recognised by; of Opus more need not be decoded for it.
    private const int OpusHeadBytes = 4096;

    private readonly Stream _stream;
    private readonly SpeechFormat _format;
    private ReadOnlyMemory<byte> _head;

    private SpeechInput(Stream stream, ReadOnlyMemory<byte> head, SpeechFormat format, ISpeechClock clock)
    {
        (_stream, _head, _format) = (stream, head, format);
        Clock = clock;
        Length = stream.CanSeek ? stream.Length : null;
    }

    /// <summary>Bytes in all; null when only the end of the stream tells.</summary>
    public long? Length { get; }

    /// <summary>Hertz; 0 where only the gateway learns them.</summary>
    public int SampleRate => _format.SampleRate;

    /// <summary>Counts the time of what is sent.</summary>
    public ISpeechClock Clock { get; }

    /// <summary>Takes samples that are there already.</summary>
    /// <param name="samples">Mono signed 16-bit little-endian samples.</param>
    /// <param name="sampleRate">Hertz.</param>
    public static SpeechInput OfPcm(ReadOnlyMemory<byte> samples, int sampleRate)
    {
        var format = new SpeechFormat(SpeechEncoding.PcmS16Le, sampleRate, 1);
        return new(new MemoryStream(samples.ToArray()), ReadOnlyMemory<byte>.Empty, format, ToClock(format));
    }

    /// <summary>Reads the head of a stream and refuses what the gateway would refuse by it; of a pipe of bare samples nothing is awaited.</summary>
    /// <param name="stream">The stream, at its start; need not be seekable.</param>
    /// <param name="name">What people call it, for errors.</param>
    /// <param name="raw">What the bytes are, where they are bare samples; null: their head tells.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AudioFormatException">It is no speech that can be sent; the message says what it is, and what helps.</exception>
    public static async Task<SpeechInput> OpenAsync(Stream stream, string name, SpeechFormat? raw, CancellationToken cancellationToken)
    {
        if (raw is not null && !stream.CanSeek)
        {
            // A voice that has not begun: its session is opened at once, and the gateway judges what comes.
            return new(stream, ReadOnlyMemory<byte>.Empty, raw, ToClock(raw));
        }

        byte[] buffer = new byte[MaxHeadBytes];
        int length = await stream.ReadAtLeastAsync(buffer, MinHeadBytes, throwOnEndOfStream: false, cancellationToken);
        bool isWhole = length < MinHeadBytes || (stream.CanSeek && stream.Position >= stream.Length);
        bool isWav = WavHead.Begins(buffer.AsSpan(0, length));
        bool isOgg = buffer.AsSpan(0, length).StartsWith("OggS"u8);
        bool isUnknown = isWav ? WavHead.Read(buffer.AsSpan(0, length)) is null : !isOgg && raw is null;
        if (isUnknown && !isWhole)
        {
            length += await stream.ReadAtLeastAsync(
                buffer.AsMemory(length), buffer.Length - length, throwOnEndOfStream: false, cancellationToken);
            isWhole = length < buffer.Length;
        }

        var head = buffer.AsMemory(0, length);
        if (head.IsEmpty)
        {
            throw new AudioFormatException($"{name} is empty.");
        }

        if (raw is not null && (isWav || isOgg))
        {
            throw new AudioFormatException(
                $"{name} is {(isWav ? "a WAV" : "an Ogg")} file, which tells its form itself: leave out --rate, --encoding and --channels.");
        }

        return isWav ? OpenWav(stream, head, isWhole, name)
            : isOgg ? OpenBare(stream, head, isWhole, name, new SpeechFormat(SpeechEncoding.OggOpus, 0, 0))
            : OpenBare(stream, head, isWhole, name, raw ?? throw Unknown(head.Span, isWhole, name));
    }

    /// <summary>The form, as the gateway is told it.</summary>
    public AudioFormat ToAudioFormat() => new()
    {
        Encoding = EncodingNames.ToMessage(_format.Encoding),
        SampleRate = _format.SampleRate,
        Channels = _format.Channels,
    };

    /// <summary>Fills the buffer as far as there is speech.</summary>
    /// <returns>Bytes read; fewer than asked for only at the end.</returns>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int fromHead = Math.Min(buffer.Length, _head.Length);
        _head[..fromHead].CopyTo(buffer);
        _head = _head[fromHead..];
        var rest = buffer[fromHead..];
        return fromHead + await _stream.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellationToken);
    }

    /// <summary>Reads all of it as mono signed 16-bit little-endian samples.</summary>
    /// <param name="sampleRate">Hertz of the samples.</param>
    /// <param name="name">What people call it, for errors.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AudioFormatException">It is not what its head says.</exception>
    public async Task<ReadOnlyMemory<byte>> DecodeAsync(int sampleRate, string name, CancellationToken cancellationToken)
    {
        using var decoder = new SpeechDecoder(_format, sampleRate);
        using var samples = new MemoryStream();
        byte[] buffer = new byte[MaxHeadBytes];
        int read;
        try
        {
            while ((read = await ReadAsync(buffer, cancellationToken)) > 0)
            {
                samples.Write(decoder.Decode(buffer.AsSpan(0, read)));
            }

            samples.Write(decoder.Complete());
        }
        catch (SpeechFormatException failure)
        {
            throw Refused(failure, name);
        }

        return samples.ToArray();
    }

    private static SpeechInput OpenWav(Stream stream, ReadOnlyMemory<byte> head, bool isWhole, string name)
    {
        Check(head.Span, isWhole, name, new SpeechFormat(SpeechEncoding.Wav, 0, 0));
        var wav = WavHead.Read(head.Span) ?? throw new AudioFormatException($"{name} has no format within its first {head.Length} bytes.");
        return new(
            stream, head, new SpeechFormat(SpeechEncoding.Wav, wav.SampleRate, wav.Channels), new ByteRateClock(wav.BytesPerSecond, wav.DataStart));
    }

    private static SpeechInput OpenBare(Stream stream, ReadOnlyMemory<byte> head, bool isWhole, string name, SpeechFormat format)
    {
        Check(head.Span, isWhole, name, format);
        return new(stream, head, format, ToClock(format));
    }

    private static void Check(ReadOnlySpan<byte> head, bool isWhole, string name, SpeechFormat format)
    {
        if (format.Encoding == SpeechEncoding.OggOpus && head.Length > OpusHeadBytes)
        {
            head = head[..OpusHeadBytes];
            isWhole = false;
        }

        using var decoder = new SpeechDecoder(format, SpeechFormat.MaxSampleRate);
        try
        {
            int length = decoder.Decode(head).Length;
            if (isWhole && length + decoder.Complete().Length == 0)
            {
                throw new AudioFormatException($"{name} holds no samples.");
            }
        }
        catch (SpeechFormatException failure)
        {
            throw Refused(failure, name);
        }
    }

    // What would not even pass as samples is told by its name.
    private static AudioFormatException Unknown(ReadOnlySpan<byte> head, bool isWhole, string name)
    {
        Check(head, isWhole, name, new SpeechFormat(SpeechEncoding.PcmS16Le, SpeechFormat.MaxSampleRate, 1));
        return new AudioFormatException(
            $"{name} is neither WAV nor Ogg Opus. Convert it with 'ffmpeg -i INPUT OUTPUT.wav', or name the rate of raw samples with --rate.");
    }

    private static AudioFormatException Refused(SpeechFormatException failure, string name) =>
        new($"{name} holds {failure.Found}. {failure.Remedy}{(failure.Fault == SpeechFault.WrongEncoding ? " Raw samples take --rate." : "")}");

    private static ISpeechClock ToClock(SpeechFormat format) => format.Encoding switch
    {
        SpeechEncoding.OggOpus => new OpusClock(),
        SpeechEncoding.PcmS16Le => new ByteRateClock(format.SampleRate * format.Channels * sizeof(short)),
        SpeechEncoding.PcmF32Le => new ByteRateClock(format.SampleRate * format.Channels * sizeof(float)),
        _ => new ByteRateClock(format.SampleRate * format.Channels),
    };
}
