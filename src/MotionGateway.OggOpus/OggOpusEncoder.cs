using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MotionGateway.OggOpus.Codec;
using MotionGateway.OggOpus.Ogg;

namespace MotionGateway.OggOpus;

/// <summary>
/// Makes one logical Ogg Opus stream of mono PCM while it is being spoken. Not safe for use by several threads at a time;
/// once finished it makes no second stream.
/// </summary>
/// <remarks>
/// Nothing complete is held back: each <see cref="Encode"/> ends the page it is on, so what is delayed is at most one frame of
/// audio (<see cref="OggOpusEncoderOptions.FrameDuration"/>) and the codec's own look-ahead. A page holds at most 200 ms.
/// A decoder gets exactly as many samples as were given: the look-ahead is the stream's pre-skip, and the last granule
/// position trims the silence that fills the last frame. After the first frames nothing is allocated.
/// </remarks>
public sealed class OggOpusEncoder : IDisposable
{
    private const int BytesPerSample = sizeof(short);
    private const int MaxPageMilliseconds = 200;

    private readonly IFrameEncoder _encoder;
    private readonly OggPageWriter _pages;
    private readonly string _codecVersion;
    private readonly byte[] _frame;
    private readonly byte[] _packet = new byte[OpusCodec.MaxPacket];
    private readonly int _sampleRate;
    private readonly int _samplesPerFrame;
    private readonly int _framesPerPage;
    private readonly int _lookahead;
    private int _frameLength;
    private int _framesOnPage;
    private long _inputBytes;
    private long _encodedSamples;
    private bool _hasHeaders;
    private bool _isFinished;

    /// <summary>Creates an encoder.</summary>
    /// <param name="options">How to encode.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names each property and what it may be.</exception>
    /// <exception cref="OggOpusException">The codec refused.</exception>
    public OggOpusEncoder(OggOpusEncoderOptions options)
        : this(options, OpusCodec.Default)
    {
    }

    internal OggOpusEncoder(OggOpusEncoderOptions options, OpusCodec codec)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = options.Validate();
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        _codecVersion = codec.Version;
        _sampleRate = options.SampleRate;
        _samplesPerFrame = options.SamplesPerFrame;
        _frame = new byte[_samplesPerFrame * BytesPerSample];
        _framesPerPage = Math.Max(1, MaxPageMilliseconds / (int)options.FrameDuration.TotalMilliseconds);
        _pages = new(options.StreamSerial ?? (uint)Random.Shared.NextInt64(uint.MaxValue + 1L));
        _encoder = codec.OpenEncoder(options);
        _lookahead = _encoder.Lookahead;
    }

    /// <summary>Samples at 48 kHz that a decoder drops from the start: the codec's look-ahead.</summary>
    public int PreSkip => _lookahead * OpusSampleRates.GranulesPerSample(_sampleRate);

    /// <summary>Whole samples taken so far, at <see cref="OggOpusEncoderOptions.SampleRate"/>.</summary>
    public long SampleCount => _inputBytes / BytesPerSample;

    /// <summary>Encodes what there is of whole frames; the rest waits for more. The first audio writes the headers, too.</summary>
    /// <param name="pcm">Mono signed 16-bit little-endian PCM, cut anywhere, within a sample too.</param>
    /// <param name="output">Where whole pages are written to; may get none.</param>
    /// <exception cref="InvalidOperationException">The stream is finished.</exception>
    /// <exception cref="OggOpusException">The codec failed; the stream cannot go on.</exception>
    /// <exception cref="ObjectDisposedException">The encoder is disposed.</exception>
    public void Encode(ReadOnlySpan<byte> pcm, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        ObjectDisposedException.ThrowIf(_encoder.IsClosed, this);
        if (_isFinished)
        {
            throw new InvalidOperationException("The stream is finished; a new one needs a new encoder.");
        }

        if (pcm.IsEmpty)
        {
            return;
        }

        WriteHeadersOnce(output);
        _inputBytes += pcm.Length;
        while (!pcm.IsEmpty)
        {
            int taken = Math.Min(_frame.Length - _frameLength, pcm.Length);
            pcm[..taken].CopyTo(_frame.AsSpan(_frameLength));
            _frameLength += taken;
            pcm = pcm[taken..];
            if (_frameLength == _frame.Length)
            {
                EncodeFrame(output);
            }
        }

        FlushPage(output);
    }

    /// <summary>Ends the stream: fills the last frame with silence and writes the last page. Harmless when done twice.</summary>
    /// <param name="output">Where the pages are written to. Without any audio it gets a whole stream of no length.</param>
    /// <exception cref="InvalidOperationException">The audio ended within a sample; nothing was written.</exception>
    /// <exception cref="OggOpusException">The codec failed.</exception>
    /// <exception cref="ObjectDisposedException">The encoder is disposed.</exception>
    public void Finish(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        ObjectDisposedException.ThrowIf(_encoder.IsClosed, this);
        if (_isFinished)
        {
            return;
        }

        if (_inputBytes % BytesPerSample != 0)
        {
            throw new InvalidOperationException($"The audio ended within a sample, after {_inputBytes} bytes.");
        }

        // The look-ahead is never 0, so at least one frame is left for the last page, and only the last one is trimmed.
        WriteHeadersOnce(output);
        while (_encodedSamples < SampleCount + _lookahead)
        {
            _frame.AsSpan(_frameLength).Clear();
            EncodeFrame(output);
        }

        _isFinished = true;
        _pages.Flush(output, OggPageFlags.EndOfStream, PreSkip + (SampleCount * OpusSampleRates.GranulesPerSample(_sampleRate)));
    }

    /// <summary>Frees the codec. Audio not yet finished is lost.</summary>
    public void Dispose() => _encoder.Dispose();

    private void WriteHeadersOnce(IBufferWriter<byte> output)
    {
        if (_hasHeaders)
        {
            return;
        }

        _hasHeaders = true;
        _pages.Add(new OpusHead(ChannelCount: 1, PreSkip, (uint)_sampleRate, OutputGain: 0).ToPacket());
        _pages.Flush(output, OggPageFlags.BeginOfStream, granulePosition: 0);
        _pages.Add(OpusTags.ToPacket(_codecVersion, "ENCODER=MotionGateway"));
        _pages.Flush(output, OggPageFlags.None, granulePosition: 0);
    }

    private void EncodeFrame(IBufferWriter<byte> output)
    {
        var samples = MemoryMarshal.Cast<byte, short>(_frame.AsSpan());
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(samples, samples);
        }

        int length = _encoder.Encode(samples, _packet);

        // Before the packet is added, so that the page which ends the stream always has one.
        if (_framesOnPage == _framesPerPage || !_pages.HasRoomFor(length))
        {
            FlushPage(output);
        }

        _pages.Add(_packet.AsSpan(0, length));
        _framesOnPage++;
        _encodedSamples += _samplesPerFrame;
        _frameLength = 0;
    }

    private void FlushPage(IBufferWriter<byte> output)
    {
        if (!_pages.IsEmpty)
        {
            _pages.Flush(output, OggPageFlags.None, _encodedSamples * OpusSampleRates.GranulesPerSample(_sampleRate));
            _framesOnPage = 0;
        }
    }
}
