using System.Buffers;
using MotionGateway.OggOpus;

namespace MotionGateway.LocalMotion.Audio;

/// <summary>
/// One request's Ogg Opus stream as PCM: decoded where there is a codec, else silence of the same length, which the stream's packets
/// and granule positions tell without one.
/// </summary>
internal sealed class OpusStream : IDisposable
{
    // Bounds the audio that one step makes, however much a malicious message holds: a page's at most, 30 s.
    private const int StepBytes = 4096;

    private readonly int _sampleRate;
    private readonly OggOpusDecoder? _decoder;
    private readonly OggOpusReader _reader = new();
    private long _silentSamples;

    public OpusStream(int sampleRate, bool decode)
    {
        _sampleRate = sampleRate;
        _decoder = decode ? new OggOpusDecoder(sampleRate) : null;
    }

    /// <summary>Reads on, in steps; each gives an array of its own.</summary>
    /// <exception cref="OggOpusException">The stream is malformed.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> ogg)
    {
        for (int offset = 0; offset < ogg.Length; offset += StepBytes)
        {
            ReadOnlyMemory<byte> step = ogg.Slice(offset, Math.Min(StepBytes, ogg.Length - offset));
            yield return _decoder is null ? Silence(step.Span) : Decode(_decoder, step.Span);
        }
    }

    public void Dispose() => _decoder?.Dispose();

    private static ReadOnlyMemory<byte> Decode(OggOpusDecoder decoder, ReadOnlySpan<byte> ogg)
    {
        var pcm = new ArrayBufferWriter<byte>();
        decoder.Decode(ogg, pcm);
        return pcm.WrittenMemory;
    }

    private ReadOnlyMemory<byte> Silence(ReadOnlySpan<byte> ogg)
    {
        while (_reader.TryRead(ref ogg, out _))
        {
            // The reader counts.
        }

        long samples = _reader.DurationSamples * _sampleRate / OpusSampleRates.Granule;
        var pcm = new byte[(samples - _silentSamples) * sizeof(short)];
        _silentSamples = samples;
        return pcm;
    }
}
