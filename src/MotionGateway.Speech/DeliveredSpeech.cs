using System.Buffers;
using System.Buffers.Binary;
using MotionGateway.OggOpus;
using MotionGateway.OggOpus.Ogg;
using MotionGateway.Speech.Formats;
using MotionGateway.Speech.Resampling;

namespace MotionGateway.Speech;

/// <summary>
/// Makes mono signed 16-bit little-endian PCM at one rate of one turn's speech as viewers are delivered it, from its beginning or from
/// any of its pieces on. Not safe for use by several threads at a time.
/// </summary>
/// <remarks>What is delivered has been recognised as speech before, so that nothing is looked at twice.</remarks>
public sealed class DeliveredSpeech : IDisposable
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly int _from;
    private readonly int _to;
    private readonly Resampler? _resampler;
    private readonly SampleBuffer _resampled = new();
    private readonly OggOpusDecoder? _opus;
    private float[] _samples = [];
    private byte[] _pages = [];
    private uint _nextPage;
    private long _heard;
    private long _given;

    private DeliveredSpeech(int from, int to, OggOpusDecoder? opus)
    {
        (_from, _to, _opus) = (from, to, opus);
        _resampler = opus is null && from != to ? new Resampler(from, to) : null;
    }

    /// <summary>Opens a turn that is delivered as PCM.</summary>
    /// <param name="sampleRate">Hertz of what is delivered.</param>
    /// <param name="to">Hertz of what is made.</param>
    public static DeliveredSpeech OfPcm(int sampleRate, int to)
    {
        CheckRate(sampleRate, nameof(sampleRate));
        CheckRate(to, nameof(to));
        return new DeliveredSpeech(sampleRate, to, opus: null);
    }

    /// <summary>Opens a turn that is delivered as Ogg Opus.</summary>
    /// <param name="header">The stream's header pages.</param>
    /// <param name="to">Hertz of what is made, one that Opus decodes to: 8000, 12000, 16000, 24000 or 48000.</param>
    /// <exception cref="OggOpusException">The bytes are no such header.</exception>
    public static DeliveredSpeech OfOggOpus(ReadOnlySpan<byte> header, int to)
    {
        var speech = new DeliveredSpeech(OpusSampleRates.Granule, to, new OggOpusDecoder(to));
        try
        {
            speech._opus!.Decode(speech.Renumber(header), speech._output);
            return speech;
        }
        catch (OggOpusException)
        {
            speech.Dispose();
            throw;
        }
    }

    /// <summary>Makes what can be made of a piece; the filter between two rates keeps a few milliseconds back.</summary>
    /// <param name="piece">Whole samples, or whole pages.</param>
    /// <param name="sampleCount">Samples of the piece that are heard, at the rate of what is delivered.</param>
    /// <returns>Whole samples, valid until the next call.</returns>
    /// <exception cref="OggOpusException">The pages are malformed.</exception>
    public ReadOnlySpan<byte> Take(ReadOnlySpan<byte> piece, int sampleCount)
    {
        if (_opus is null && _resampler is null)
        {
            return piece;
        }

        _output.ResetWrittenCount();
        if (_opus is not null)
        {
            _opus.Decode(Renumber(piece), _output);
            return Cut(sampleCount);
        }

        _resampled.Clear();
        _resampler!.Process(Read(piece), _resampled);
        return Write();
    }

    /// <summary>Makes the rest, when all pieces have been taken.</summary>
    /// <returns>Whole samples, valid until the next call.</returns>
    public ReadOnlySpan<byte> Complete()
    {
        if (_resampler is null)
        {
            return default;
        }

        _output.ResetWrittenCount();
        _resampled.Clear();
        _resampler.Complete(_resampled);
        return Write();
    }

    /// <summary>Frees what decodes.</summary>
    public void Dispose()
    {
        _resampler?.Dispose();
        _opus?.Dispose();
    }

    private static void CheckRate(int rate, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, SpeechFormat.MinSampleRate, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rate, SpeechFormat.MaxSampleRate, name);
    }

    // What the last page decodes to beyond the turn's end is nothing that is heard.
    private ReadOnlySpan<byte> Cut(int sampleCount)
    {
        _heard += sampleCount;
        long left = (_heard * _to / _from) - _given;
        int samples = (int)Math.Clamp(_output.WrittenCount / sizeof(short), 0, Math.Max(0, left));
        _given += samples;
        return _output.WrittenSpan[..(samples * sizeof(short))];
    }

    // From a later piece on the numbers of the pages leave a gap, which to a decoder is a loss.
    private ReadOnlySpan<byte> Renumber(ReadOnlySpan<byte> pages)
    {
        if (_pages.Length < pages.Length)
        {
            _pages = new byte[pages.Length];
        }

        pages.CopyTo(_pages);
        var copy = _pages.AsSpan(0, pages.Length);
        for (var rest = copy; rest.Length >= OggPageLayout.Header;)
        {
            int segments = rest[OggPageLayout.SegmentCount];
            int length = OggPageLayout.Header + segments;
            for (int segment = 0; segment < segments && OggPageLayout.Header + segment < rest.Length; segment++)
            {
                length += rest[OggPageLayout.Header + segment];
            }

            if (length > rest.Length)
            {
                break;
            }

            BinaryPrimitives.WriteUInt32LittleEndian(rest[OggPageLayout.Sequence..], _nextPage++);
            rest.Slice(OggPageLayout.Checksum, sizeof(uint)).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(rest[OggPageLayout.Checksum..], OggCrc.Append(0, rest[..length]));
            rest = rest[length..];
        }

        return copy;
    }

    private ReadOnlySpan<float> Read(ReadOnlySpan<byte> pcm)
    {
        int count = pcm.Length / sizeof(short);
        if (_samples.Length < count)
        {
            _samples = new float[count];
        }

        for (int index = 0; index < count; index++)
        {
            _samples[index] = BinaryPrimitives.ReadInt16LittleEndian(pcm[(index * sizeof(short))..]);
        }

        return _samples.AsSpan(0, count);
    }

    private ReadOnlySpan<byte> Write()
    {
        var samples = _resampled.Written;
        var bytes = _output.GetSpan((samples.Length * sizeof(short)) + 1);
        for (int index = 0; index < samples.Length; index++)
        {
            short value = (short)Math.Clamp(MathF.Floor(samples[index] + 0.5f), short.MinValue, short.MaxValue);
            BinaryPrimitives.WriteInt16LittleEndian(bytes[(index * sizeof(short))..], value);
        }

        _output.Advance(samples.Length * sizeof(short));
        return _output.WrittenSpan;
    }
}
