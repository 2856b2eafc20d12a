using System.Runtime.InteropServices;
using MotionGateway.OggOpus;

namespace MotionGateway.Speech.Tests;

public sealed class DeliveredSpeechTests
{
    private const int To = 16000;

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(22050)]
    [InlineData(24000)]
    [InlineData(44100)]
    [InlineData(48000)]
    public void Pcm_AtAnyRate_BecomesTheSameToneAtTheOther(int rate)
    {
        const double seconds = 1.5;
        byte[] pcm = Tone(rate, seconds);

        short[] made = Make(DeliveredSpeech.OfPcm(rate, To), Cut(pcm, rate));

        Assert.Equal((int)(seconds * To), made.Length);
        AssertTone(made);
    }

    [Fact]
    public void Pcm_HoweverItIsCut_BecomesTheSame()
    {
        byte[] pcm = Tone(24000, 1);

        short[] whole = Make(DeliveredSpeech.OfPcm(24000, To), [pcm]);
        short[] cut = Make(DeliveredSpeech.OfPcm(24000, To), Cut(pcm, 24000));

        Assert.Equal(whole, cut);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void OggOpus_FromAnyPiece_BecomesTheTone(int from)
    {
        var pieces = Encode(seconds: 2, out byte[] header);
        using var speech = DeliveredSpeech.OfOggOpus(header, To);
        List<byte> made = [];
        foreach (var (pages, samples) in pieces.Skip(from))
        {
            made.AddRange(speech.Take(pages, samples));
        }

        made.AddRange(speech.Complete());

        int expected = pieces.Skip(from).Sum(piece => piece.Samples) / 3;
        short[] heard = MemoryMarshal.Cast<byte, short>(made.ToArray()).ToArray();

        // What a decoder drops as its pre-skip stands before the turn's first sample; from a later piece on it is missing.
        Assert.InRange(heard.Length, expected - 320, expected);
        AssertTone(heard.AsSpan(1600));
    }

    [Fact]
    public void OggOpus_LastPageHoldsMoreThanIsHeard_IsCutOff()
    {
        var pieces = Encode(seconds: 0.25, out byte[] header);
        using var speech = DeliveredSpeech.OfOggOpus(header, To);

        int length = 0;
        foreach (var (pages, samples) in pieces)
        {
            length += speech.Take(pages, Math.Min(samples, 480)).Length;
        }

        Assert.Equal(pieces.Count * 480 / 3 * sizeof(short), length);
    }

    [Fact]
    public void OggOpus_WithoutAHeader_IsRefused() =>
        Assert.Throws<OggOpusException>(() => DeliveredSpeech.OfOggOpus("no page at all, though long enough for one"u8, To));

    private static List<(byte[] Pages, int Samples)> Encode(double seconds, out byte[] header)
    {
        using var encoder = new SpeechEncoder(new SpeechEncoderOptions());
        encoder.Encode(Tone(48000, seconds));
        encoder.Complete();
        var pages = new OpusPages(encoder.Stream, serial: 7);
        header = pages.Headers;
        List<SpeechPacket> packets = [];
        while (encoder.TryTakePacket(out var packet))
        {
            packets.Add(packet);
        }

        List<(byte[], int)> pieces = [];
        foreach (var run in packets.Chunk(10))
        {
            var written = new System.Buffers.ArrayBufferWriter<byte>();
            pages.Write(run, isLast: false, written);
            pieces.Add((written.WrittenSpan.ToArray(), run.Sum(packet => packet.SampleCount)));
        }

        return pieces;
    }

    private static short[] Make(DeliveredSpeech speech, IEnumerable<byte[]> pieces)
    {
        using (speech)
        {
            List<byte> made = [];
            foreach (byte[] piece in pieces)
            {
                made.AddRange(speech.Take(piece, piece.Length / sizeof(short)));
            }

            made.AddRange(speech.Complete());
            return MemoryMarshal.Cast<byte, short>(made.ToArray()).ToArray();
        }
    }

    private static IEnumerable<byte[]> Cut(byte[] pcm, int rate) => pcm.Chunk(rate / 10 * sizeof(short));

    private static byte[] Tone(int rate, double seconds)
    {
        short[] samples = new short[(int)(rate * seconds)];
        for (int index = 0; index < samples.Length; index++)
        {
            samples[index] = (short)(10000 * Math.Sin(2 * Math.PI * 440 * index / rate));
        }

        return MemoryMarshal.AsBytes<short>(samples).ToArray();
    }

    // The part of a tone's power that is at 440 Hz.
    private static void AssertTone(ReadOnlySpan<short> samples)
    {
        double sine = 0, cosine = 0, power = 0;
        for (int index = 0; index < samples.Length; index++)
        {
            double phase = 2 * Math.PI * 440 * index / To;
            sine += samples[index] * Math.Sin(phase);
            cosine += samples[index] * Math.Cos(phase);
            power += (double)samples[index] * samples[index];
        }

        double part = 2 * ((sine * sine) + (cosine * cosine)) / samples.Length / power;
        Assert.InRange(part, 0.97, 1.001);
    }
}
