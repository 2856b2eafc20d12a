using MotionGateway.OggOpus;
using MotionGateway.OggOpus.Codec;

namespace MotionGateway.Speech.Formats;

/// <summary>Samples at 48 kHz of one Ogg Opus stream, and its packets as they came.</summary>
/// <param name="keepsPackets">Whether packets are kept where they may be passed on.</param>
/// <param name="codec">What decodes them.</param>
internal sealed class OpusSource(bool keepsPackets, OpusCodec codec) : ISpeechSource
{
    private const int MaxPacketSamples = 5760;
    private const string OneStream = "Send one whole Ogg Opus stream of one or two channels a turn, such as `opusenc` writes.";

    private readonly OggOpusReader _reader = new();
    private readonly Queue<SpeechPacket> _packets = new();
    private IPacketDecoder? _decoder;
    private short[] _samples = [];
    private long _decodedSamples;
    private long _heardSamples;
    private int _held;

    public int SampleRate => OpusSampleRates.Granule;

    public int HeldLength => _held;

    public OpusStreamInfo? Stream { get; private set; }

    public bool TryTakePacket(out SpeechPacket packet) => _packets.TryDequeue(out packet);

    public void BeginFile(ReadOnlySpan<byte> bytes, SampleBuffer mono) => Take(bytes, mono);

    public void Take(ReadOnlySpan<byte> bytes, SampleBuffer mono)
    {
        _held += bytes.Length;
        try
        {
            while (_reader.TryRead(ref bytes, out var packet))
            {
                _held = bytes.Length;
                Take(packet, mono);
            }
        }
        catch (OggOpusException e)
        {
            throw Explain(e);
        }

        if (Stream is null && _reader.HasHeader)
        {
            LearnStream();
        }
    }

    public int Complete(SampleBuffer mono)
    {
        if (_decodedSamples == 0 && _held > 0 && !_reader.IsEnded)
        {
            throw new SpeechFormatException(SpeechFault.Malformed, "an Ogg Opus stream that ends before its audio", OneStream);
        }

        // A stream that was broken off is taken as far as it goes.
        return _reader.IsEnded ? 0 : _held;
    }

    public void Dispose() => _decoder?.Dispose();

    private static SpeechFormatException Explain(OggOpusException e) => e.Error switch
    {
        OggOpusError.NotOgg => new(
            SpeechFault.WrongEncoding, "bytes that are no Ogg Opus stream", "Set the encoding to what they are; bare samples are PCM_S16LE and the like."),
        OggOpusError.UnsupportedStream => new(SpeechFault.Unsupported, "an Ogg Opus stream of a kind that is not taken", $"{e.Message} {OneStream}"),
        OggOpusError.DataAfterEnd or OggOpusError.SeveralStreams => new(
            SpeechFault.Unsupported, "a second Ogg stream", OneStream),
        _ => new(SpeechFault.Malformed, "a broken Ogg Opus stream", $"{e.Message} {OneStream}"),
    };

    private void LearnStream()
    {
        Stream = new(_reader.PreSkip ?? 0, (uint)(_reader.InputSampleRate ?? 0), _reader.ChannelCount ?? 0, _reader.OutputGain ?? 0);
        _decoder = codec.OpenDecoder(OpusSampleRates.Granule);
        _decoder.SetGain(Stream.OutputGain);
        _samples = new short[MaxPacketSamples];
    }

    private void Take(OggOpusPacket packet, SampleBuffer mono)
    {
        if (Stream is null)
        {
            LearnStream();
        }

        // Skipped packets are decoded as well: they bring the codec into its state.
        int decoded = _decoder!.Decode(packet.Data, _samples);
        int start = Math.Min(packet.SkippedSamples, decoded);
        int end = Math.Clamp(packet.DurationSamples - packet.TrimmedSamples, start, decoded);
        var room = mono.Room(end - start);
        for (int index = 0; index < room.Length; index++)
        {
            room[index] = _samples[start + index];
        }

        mono.Advance(room.Length);
        _decodedSamples += packet.DurationSamples;
        if (keepsPackets && Stream!.CanPassThrough)
        {
            Keep(packet);
        }

        _heardSamples += packet.PlayedSamples;
    }

    private void Keep(OggOpusPacket packet)
    {
        long position = packet.TrimmedSamples > 0 ? Stream!.PreSkip + _heardSamples + packet.PlayedSamples : _decodedSamples;
        _packets.Enqueue(new(packet.Data.ToArray(), _heardSamples, packet.PlayedSamples, packet.DurationSamples, position));
    }
}
