using System.Buffers;
using System.Reflection;
using System.Runtime.InteropServices;
using MotionGateway.Speech;

namespace MotionGateway.Benchmarks;

/// <summary>Ten seconds of speech at 48 kHz, and its turn through what is measured. One operation is one second of speech.</summary>
internal sealed class SpeechForms
{
    public const int Seconds = 10;

    private const int Rate = 48000;

    private readonly byte[] _pcm = ReadSpeech();
    private readonly ArrayBufferWriter<byte> _output = new(1 << 20);
    private readonly List<SpeechPacket> _packets = [];
    private readonly byte[] _ogg;

    public SpeechForms()
    {
        Encode(complexity: 5);
        _ogg = _output.WrittenSpan.ToArray();
    }

    /// <summary>PCM as it came to PCM that is sent: pieces of 20 ms through the decoder.</summary>
    public void PassPcm()
    {
        using var decoder = new SpeechDecoder(new(SpeechEncoding.PcmS16Le, Rate, 1), Rate);
        _output.ResetWrittenCount();
        foreach (var piece in Pieces(_pcm))
        {
            _output.Write(decoder.Decode(piece.Span));
        }

        Check();
    }

    /// <summary>PCM to pages of Ogg Opus.</summary>
    public void Encode(int? complexity)
    {
        using var decoder = new SpeechDecoder(new(SpeechEncoding.PcmS16Le, Rate, 1), Rate);
        using var encoder = new SpeechEncoder(new() { Complexity = complexity });
        var pages = Begin(encoder.Stream);
        foreach (var piece in Pieces(_pcm))
        {
            encoder.Encode(decoder.Decode(piece.Span));
            Take(encoder);
            pages.Write(CollectionsMarshal.AsSpan(_packets), isLast: false, _output);
        }

        encoder.Complete();
        Take(encoder);
        pages.Write(CollectionsMarshal.AsSpan(_packets), isLast: true, _output);
        Check();
    }

    /// <summary>Ogg Opus as it came to pages of the same packets. What the Motion Server is sent is decoded beside it.</summary>
    public void PassThrough()
    {
        using var decoder = new SpeechDecoder(new(SpeechEncoding.OggOpus, 0, 0), Rate, keepsPackets: true);
        OpusPages? pages = null;
        foreach (var piece in Pieces(_ogg))
        {
            decoder.Decode(piece.Span);
            pages ??= decoder.Stream is { } stream ? Begin(stream) : null;
            _packets.Clear();
            while (decoder.TryTakePacket(out var packet))
            {
                _packets.Add(packet);
            }

            pages?.Write(CollectionsMarshal.AsSpan(_packets), isLast: false, _output);
        }

        Check();
    }

    // The clip that the demo plays, spoken by a voice and sampled at 16 kHz: what a made-up sound costs an encoder says little.
    private static byte[] ReadSpeech()
    {
        using var clip = Assembly.Load("motiongateway").GetManifestResourceStream("welcome.wav")
            ?? throw new InvalidOperationException("The demo's clip is not in the executable.");
        using var wav = new MemoryStream();
        clip.CopyTo(wav);
        using var decoder = new SpeechDecoder(new(SpeechEncoding.Wav, 0, 0), Rate);
        return decoder.Decode(wav.ToArray())[..(Seconds * Rate * sizeof(short))].ToArray();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Pieces(byte[] bytes)
    {
        const int Length = Rate / 50 * sizeof(short);
        for (int start = 0; start < bytes.Length; start += Length)
        {
            yield return bytes.AsMemory(start, Math.Min(Length, bytes.Length - start));
        }
    }

    private OpusPages Begin(OpusStreamInfo stream)
    {
        var pages = new OpusPages(stream, serial: 1);
        _output.ResetWrittenCount();
        _output.Write(pages.Headers);
        return pages;
    }

    private void Take(SpeechEncoder encoder)
    {
        _packets.Clear();
        while (encoder.TryTakePacket(out var packet))
        {
            _packets.Add(packet);
        }
    }

    private void Check()
    {
        if (_output.WrittenCount < Seconds * 1000)
        {
            throw new InvalidOperationException("Speech was lost.");
        }
    }
}
