using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MotionGateway.OggOpus;
using MotionGateway.OggOpus.Codec;

namespace MotionGateway.Speech;

/// <summary>
/// Makes Opus packets of mono PCM at 48 kHz while it is spoken. A decoder of all of them hears exactly the samples that were given.
/// Not safe for use by several threads at a time.
/// </summary>
public sealed class SpeechEncoder : IDisposable
{
    private readonly IFrameEncoder _encoder;
    private readonly Queue<SpeechPacket> _packets = new();
    private readonly byte[] _packet = new byte[OpusCodec.MaxPacket];
    private readonly byte[] _frame;
    private int _frameLength;
    private long _inputBytes;
    private long _encodedSamples;
    private bool _isComplete;

    /// <summary>Creates an encoder for one turn.</summary>
    /// <param name="options">How to encode.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names each.</exception>
    public SpeechEncoder(SpeechEncoderOptions options)
        : this(options, OpusCodec.Default)
    {
    }

    internal SpeechEncoder(SpeechEncoderOptions options, OpusCodec codec)
    {
        ArgumentNullException.ThrowIfNull(options);
        var opus = new OggOpusEncoderOptions
        {
            SampleRate = OpusSampleRates.Granule,
            Bitrate = options.Bitrate,
            Complexity = options.Complexity,
            FrameDuration = options.FrameDuration,
        };
        var problems = opus.Validate();
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        _frame = new byte[opus.SamplesPerFrame * sizeof(short)];
        _encoder = codec.OpenEncoder(opus);
        Stream = new(_encoder.Lookahead, options.InputSampleRate, Channels: 1, OutputGain: 0);
    }

    /// <summary>What the stream's header is to say; its pre-skip is the codec's look-ahead.</summary>
    public OpusStreamInfo Stream { get; }

    /// <summary>Whole samples taken so far.</summary>
    public long SampleCount => _inputBytes / sizeof(short);

    /// <summary>Encodes what there is of whole frames; the rest waits for more.</summary>
    /// <param name="pcm">Mono signed 16-bit little-endian PCM at 48 kHz, cut anywhere.</param>
    /// <exception cref="InvalidOperationException">The speech is complete.</exception>
    /// <exception cref="ObjectDisposedException">The encoder is disposed.</exception>
    public void Encode(ReadOnlySpan<byte> pcm)
    {
        ObjectDisposedException.ThrowIf(_encoder.IsClosed, this);
        if (_isComplete)
        {
            throw new InvalidOperationException("The speech is complete; more needs a new encoder.");
        }

        _inputBytes += pcm.Length;
        while (!pcm.IsEmpty)
        {
            int taken = Math.Min(_frame.Length - _frameLength, pcm.Length);
            pcm[..taken].CopyTo(_frame.AsSpan(_frameLength));
            _frameLength += taken;
            pcm = pcm[taken..];
            if (_frameLength == _frame.Length)
            {
                EncodeFrame(long.MaxValue);
            }
        }
    }

    /// <summary>Encodes the rest, filled up with silence that the last packets do not count. Harmless when done twice; a stray last byte is dropped.</summary>
    /// <exception cref="ObjectDisposedException">The encoder is disposed.</exception>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_encoder.IsClosed, this);
        if (_isComplete)
        {
            return;
        }

        _isComplete = true;
        _frameLength -= _frameLength % sizeof(short);

        // The look-ahead is never 0, so at least one packet is left, and only the last one is trimmed.
        while (SampleCount > 0 && _encodedSamples < SampleCount + Stream.PreSkip)
        {
            _frame.AsSpan(_frameLength).Clear();
            EncodeFrame(SampleCount);
        }
    }

    /// <summary>Takes the next packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTakePacket(out SpeechPacket packet) => _packets.TryDequeue(out packet);

    /// <summary>Frees the codec. Packets made stay to be taken.</summary>
    public void Dispose() => _encoder.Dispose();

    private void EncodeFrame(long end)
    {
        var samples = MemoryMarshal.Cast<byte, short>(_frame.AsSpan());
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(samples, samples);
        }

        int length = _encoder.Encode(samples, _packet);
        _frameLength = 0;
        long first = Math.Max(0, _encodedSamples - Stream.PreSkip);
        _encodedSamples += samples.Length;
        long through = Math.Min(Math.Max(0, _encodedSamples - Stream.PreSkip), end);
        _packets.Enqueue(new(
            _packet.AsSpan(0, length).ToArray(), first, (int)(through - first), samples.Length, Math.Min(_encodedSamples, Stream.PreSkip + through)));
    }
}
