using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MotionGateway.OggOpus.Codec;

namespace MotionGateway.OggOpus;

/// <summary>
/// Makes mono PCM of one logical Ogg Opus stream whose bytes are cut anywhere. Pre-skip, output gain and the end's trimming are
/// applied; two channels are mixed down. Not safe for use by several threads at a time.
/// </summary>
public sealed class OggOpusDecoder : IDisposable
{
    private readonly OggOpusReader _reader = new();
    private readonly IPacketDecoder _decoder;
    private readonly short[] _samples;
    private readonly int _granulesPerSample;
    private OggOpusException? _failure;
    private bool _hasGain;

    /// <summary>Creates a decoder.</summary>
    /// <param name="sampleRate">Hertz of the PCM, one of <see cref="OpusSampleRates.Supported"/>, whatever was encoded.</param>
    /// <exception cref="ArgumentOutOfRangeException">Opus does not decode to that rate.</exception>
    /// <exception cref="OggOpusException">The codec refused.</exception>
    public OggOpusDecoder(int sampleRate)
        : this(sampleRate, OpusCodec.Default)
    {
    }

    internal OggOpusDecoder(int sampleRate, OpusCodec codec)
    {
        if (!OpusSampleRates.IsSupported(sampleRate))
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, $"The sample rate must be one of {OpusSampleRates.Listed} Hz.");
        }

        _granulesPerSample = OpusSampleRates.GranulesPerSample(sampleRate);
        _samples = new short[OpusPacketDuration.Max / _granulesPerSample];
        _decoder = codec.OpenDecoder(sampleRate);
    }

    /// <summary>Audio decoded so far, in samples at 48 kHz; see <see cref="OggOpusReader.DurationSamples"/>.</summary>
    public long DurationSamples => _reader.DurationSamples;

    /// <summary>Whether the whole stream has been decoded.</summary>
    public bool IsEnded => _reader.IsEnded;

    /// <summary>Decodes what there is of whole pages; the rest waits for more.</summary>
    /// <param name="ogg">The stream's bytes, cut anywhere.</param>
    /// <param name="pcm">Where signed 16-bit little-endian samples are written to; may get none.</param>
    /// <exception cref="OggOpusException">The stream is malformed or does not decode. It is thrown again by every later use.</exception>
    /// <exception cref="ObjectDisposedException">The decoder is disposed.</exception>
    public void Decode(ReadOnlySpan<byte> ogg, IBufferWriter<byte> pcm)
    {
        ArgumentNullException.ThrowIfNull(pcm);
        ObjectDisposedException.ThrowIf(_decoder.IsClosed, this);
        ThrowIfFailed();
        while (_reader.TryRead(ref ogg, out var packet))
        {
            try
            {
                Decode(packet, pcm);
            }
            catch (OggOpusException e)
            {
                _failure = e;
                throw;
            }
        }
    }

    /// <summary>Says that no more bytes will come.</summary>
    /// <exception cref="OggOpusException">The stream has not ended, or has failed before.</exception>
    /// <exception cref="ObjectDisposedException">The decoder is disposed.</exception>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_decoder.IsClosed, this);
        ThrowIfFailed();
        _reader.Complete();
    }

    /// <summary>Frees the codec.</summary>
    public void Dispose() => _decoder.Dispose();

    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new OggOpusException(_failure.Error, _failure.Message);
        }
    }

    private void Decode(OggOpusPacket packet, IBufferWriter<byte> pcm)
    {
        if (!_hasGain)
        {
            _decoder.SetGain(_reader.OutputGain ?? 0);
            _hasGain = true;
        }

        // Skipped packets are decoded as well: they bring the codec into its state.
        int count = _decoder.Decode(packet.Data, _samples);
        int start = Math.Min(packet.SkippedSamples / _granulesPerSample, count);
        int end = Math.Clamp((packet.DurationSamples - packet.TrimmedSamples) / _granulesPerSample, start, count);
        Write(_samples.AsSpan(start, end - start), pcm);
    }

    private static void Write(ReadOnlySpan<short> samples, IBufferWriter<byte> pcm)
    {
        if (samples.IsEmpty)
        {
            return;
        }

        int length = samples.Length * sizeof(short);
        var bytes = pcm.GetSpan(length)[..length];
        MemoryMarshal.AsBytes(samples).CopyTo(bytes);
        if (!BitConverter.IsLittleEndian)
        {
            var target = MemoryMarshal.Cast<byte, short>(bytes);
            BinaryPrimitives.ReverseEndianness(target, target);
        }

        pcm.Advance(length);
    }
}
