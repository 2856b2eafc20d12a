using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MotionGateway.OggOpus.Codec;
using MotionGateway.Speech.Formats;
using MotionGateway.Speech.Quality;
using MotionGateway.Speech.Recognition;
using MotionGateway.Speech.Resampling;

namespace MotionGateway.Speech;

/// <summary>
/// Makes mono signed 16-bit little-endian PCM at one rate of one turn's speech in any form, cut anywhere; what is no speech is refused
/// by name. Not safe for use by several threads at a time.
/// </summary>
/// <remarks>
/// n samples of another rate become n × rate ÷ theirs, rounded, and begin where theirs begin. How the bytes are cut changes no bit.
/// Two channels are mixed down to half their sum. Floating point is clamped to ±1, and what is no number is 0.
/// </remarks>
public sealed class SpeechDecoder : IDisposable
{
    private readonly SpeechGate _gate;
    private readonly ISpeechSource _source;
    private readonly SampleBuffer _mono = new();
    private readonly SampleBuffer _resampled = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly int _sampleRate;
    private readonly bool _isPlain;
    private Resampler? _resampler;
    private SpeechMeter? _meter;
    private SpeechFormatException? _failure;
    private bool _isComplete;

    /// <summary>Creates a decoder for one turn.</summary>
    /// <param name="format">What the bytes are said to be.</param>
    /// <param name="sampleRate">Hertz of the PCM, 8000 to 48000.</param>
    /// <param name="keepsPackets">Whether Opus packets that may be passed on are kept to be taken.</param>
    /// <exception cref="ArgumentException">The format is wrong; the message names each field.</exception>
    public SpeechDecoder(SpeechFormat format, int sampleRate, bool keepsPackets = false)
        : this(format, sampleRate, keepsPackets, OpusCodec.Default)
    {
    }

    internal SpeechDecoder(SpeechFormat format, int sampleRate, bool keepsPackets, OpusCodec codec)
    {
        ArgumentNullException.ThrowIfNull(format);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, SpeechFormat.MinSampleRate);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sampleRate, SpeechFormat.MaxSampleRate);
        var problems = format.Validate();
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(format));
        }

        _sampleRate = sampleRate;
        _gate = new(format.Encoding);
        _source = Open(format, keepsPackets, codec);
        _isPlain = format is { Encoding: SpeechEncoding.PcmS16Le, Channels: 1 } && format.SampleRate == sampleRate && BitConverter.IsLittleEndian;
    }

    /// <summary>Bytes taken so far.</summary>
    public long InputBytes { get; private set; }

    /// <summary>Bytes taken that are not decided or not decoded yet. What the resampler holds of decoded samples does not count.</summary>
    public long HeldBytes => _isComplete ? 0 : _gate.HeldLength + _source.HeldLength;

    /// <summary>Bytes that never became a sample, known at the end: of a cut sample, behind a file's data, of a cut page.</summary>
    public int DroppedBytes { get; private set; }

    /// <summary>What is odd about the turn so far.</summary>
    public SpeechWarnings Warnings => _meter?.Warnings ?? SpeechWarnings.None;

    /// <summary>What the header of an Ogg Opus stream told; null before it, and with other encodings.</summary>
    public OpusStreamInfo? Stream => (_source as OpusSource)?.Stream;

    /// <summary>Decodes what can be decided and decoded; the rest waits for more.</summary>
    /// <param name="chunk">The caller's bytes, cut anywhere.</param>
    /// <returns>
    /// Whole samples, valid until the next call. Where the chunk is mono 16-bit PCM at the decoder's rate already, and nothing is held, it is
    /// the chunk itself.
    /// </returns>
    /// <exception cref="SpeechFormatException">The bytes are not what they were said to be; it is thrown again by every later use.</exception>
    /// <exception cref="InvalidOperationException">The turn is complete.</exception>
    public ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> chunk)
    {
        if (_isComplete)
        {
            throw new InvalidOperationException("The turn is complete; another needs a decoder of its own.");
        }

        ThrowIfFailed();
        InputBytes += chunk.Length;
        try
        {
            return Decode(_gate.Take(chunk));
        }
        catch (SpeechFormatException e)
        {
            _failure = e;
            throw;
        }
    }

    /// <summary>Decides and decodes the rest. Done twice it gives nothing.</summary>
    /// <returns>Whole samples, valid as long as the decoder.</returns>
    /// <exception cref="SpeechFormatException">The turn as a whole is not what it was said to be.</exception>
    public ReadOnlySpan<byte> Complete()
    {
        ThrowIfFailed();
        _output.ResetWrittenCount();
        if (_isComplete)
        {
            return default;
        }

        try
        {
            Read(_gate.Take(default, isEnd: true));
            DroppedBytes = _source.Complete(_mono);
        }
        catch (SpeechFormatException e)
        {
            _failure = e;
            throw;
        }

        _isComplete = true;
        Write(isEnd: true);
        return _output.WrittenSpan;
    }

    /// <summary>Takes the next packet of an Ogg Opus stream whose packets are kept and may be passed on.</summary>
    /// <param name="packet">The packet, as it came.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTakePacket(out SpeechPacket packet)
    {
        packet = default;
        return _source is OpusSource opus && opus.TryTakePacket(out packet);
    }

    /// <summary>Frees what decodes. Packets kept stay to be taken.</summary>
    public void Dispose()
    {
        _source.Dispose();
        _resampler?.Dispose();
    }

    private static ISpeechSource Open(SpeechFormat format, bool keepsPackets, OpusCodec codec)
    {
        return format.Encoding switch
        {
            SpeechEncoding.PcmS16Le => Pcm(SampleForm.Signed16),
            SpeechEncoding.PcmF32Le => Pcm(SampleForm.Float32),
            SpeechEncoding.MuLaw => Pcm(SampleForm.MuLaw),
            SpeechEncoding.ALaw => Pcm(SampleForm.ALaw),
            SpeechEncoding.Wav => new WavSource(format),
            _ => new OpusSource(keepsPackets, codec),
        };

        PcmSource Pcm(SampleForm form) => new(form, format.SampleRate, format.Channels);
    }

    private ReadOnlySpan<byte> Decode(Passed passed)
    {
        if (_isPlain && _source.HeldLength == 0 && passed.Samples.Length % sizeof(short) == 0)
        {
            Meter(_sampleRate).Add(MemoryMarshal.Cast<byte, short>(passed.Samples));
            return passed.Samples;
        }

        _output.ResetWrittenCount();
        Read(passed);
        Write(isEnd: false);
        return _output.WrittenSpan;
    }

    private void Read(Passed passed)
    {
        _mono.Clear();
        _source.Take(passed.Samples, _mono);
        if (!passed.File.IsEmpty)
        {
            _source.BeginFile(passed.File, _mono);
        }
    }

    private void Write(bool isEnd)
    {
        int rate = _source.SampleRate;
        if (rate == 0)
        {
            return;
        }

        Meter(rate).Add(_mono.Written);
        if (rate == _sampleRate)
        {
            Write(_mono.Written);
            return;
        }

        _resampler ??= new(rate, _sampleRate);
        _resampled.Clear();
        _resampler.Process(_mono.Written, _resampled);
        if (isEnd)
        {
            _resampler.Complete(_resampled);
        }

        Write(_resampled.Written);
    }

    private void Write(ReadOnlySpan<float> samples)
    {
        var bytes = _output.GetSpan((samples.Length * sizeof(short)) + 1);
        for (int index = 0; index < samples.Length; index++)
        {
            short value = (short)Math.Clamp(MathF.Floor(samples[index] + 0.5f), short.MinValue, short.MaxValue);
            BinaryPrimitives.WriteInt16LittleEndian(bytes[(index * sizeof(short))..], value);
        }

        _output.Advance(samples.Length * sizeof(short));
    }

    private SpeechMeter Meter(int rate) => _meter ??= new(rate);

    // Thrown anew each time: an exception is not to be thrown from two places.
    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new SpeechFormatException(_failure.Fault, _failure.Found, _failure.Remedy);
        }
    }
}
