using System.Buffers.Binary;
using MotionGateway.Testing;

namespace MotionGateway.Speech.Tests;

/// <summary>Every form and rate, against sox.</summary>
public sealed class ConversionTests
{
    // Up to 0.4 of the lower rate both agree but for the roundings to 16 bits, 98 dB below full scale each, of a signal at -27 dB; a wrong
    // filter, shift or law is far worse. The noise of one-byte forms fills the band to its edge, where filters may differ.
    private const double MinSnr = 65;
    private const double MinSnrOfBytes = 50;

    private static readonly int[] Rates = [8000, 11025, 12000, 16000, 22050, 24000, 44100, 48000];

    public static TheoryData<SpeechEncoding, int, int> Forms
    {
        get
        {
            TheoryData<SpeechEncoding, int, int> forms = [];
            foreach (var encoding in (SpeechEncoding[])[SpeechEncoding.PcmS16Le, SpeechEncoding.PcmF32Le, SpeechEncoding.MuLaw, SpeechEncoding.ALaw, SpeechEncoding.Wav])
            {
                foreach (int rate in Rates)
                {
                    forms.Add(encoding, rate, 1);
                    forms.Add(encoding, rate, 2);
                }
            }

            return forms;
        }
    }

    [RequiresToolTheory("sox", Tools.SoxRemedy)]
    [MemberData(nameof(Forms))]
    public async Task Decode_AForm_IsWhatSoxMakesOfIt(SpeechEncoding encoding, int rate, int channels)
    {
        int seed = TestSeed.GivenOrChance();
        var random = new Random(seed);
        foreach (int target in encoding == SpeechEncoding.PcmS16Le ? (int[])[16000, 48000] : [48000])
        {
            int frames = (rate / 4) + random.Next(300);
            var voices = Enumerable.Range(1, channels).Select(voice => Sounds.Voice(frames, rate, Math.Min(rate, target), voice)).ToArray();
            var raw = Sounds.Encode(encoding, Sounds.Interleave(voices));
            string[] form = [.. Raw(encoding), "-r", Tools.Text(rate), "-c", Tools.Text(channels)];
            var bytes = encoding == SpeechEncoding.Wav ? await Tools.SoxAsync(raw, form, ["-t", "wav"]) : raw;
            string[] resample = rate == target ? [] : ["rate", "-v", Tools.Text(target)];
            var expected = Sounds.Samples(await Tools.SoxAsync(raw, form, [.. Raw(SpeechEncoding.PcmS16Le), "-c", "1"], ["remix", "-", .. resample]));

            var format = encoding == SpeechEncoding.Wav ? new SpeechFormat(encoding, 0, 0) : new SpeechFormat(encoding, rate, channels);
            var whole = Decoding.Decode(format, target, bytes);
            var cut = Decoding.Decode(format, target, bytes, random);
            var single = Decoding.Decode(new SpeechDecoder(format, target), bytes.Select(value => (ReadOnlyMemory<byte>)new[] { value }));

            Assert.True(whole.AsSpan().SequenceEqual(cut), $"Cutting changed something (seed {seed}).");
            Assert.True(whole.AsSpan().SequenceEqual(single), "Single bytes changed something.");
            Assert.Equal((int)Math.Round((double)frames * target / rate, MidpointRounding.AwayFromZero), whole.Length / 2);
            Assert.InRange(expected.Length, (whole.Length / 2) - 1, (whole.Length / 2) + 1);
            double snr = Decoding.Snr(expected, Sounds.Samples(whole));
            Assert.True(snr > (encoding is SpeechEncoding.MuLaw or SpeechEncoding.ALaw && rate != target ? MinSnrOfBytes : MinSnr), $"{snr:0.0} dB to {target} Hz (seed {seed})");
        }
    }

    // Speech reaches to the edge of its band, where two filters differ: they agree to a hundredth of its level, whatever the form.
    [RequiresToolTheory("sox", Tools.SoxRemedy)]
    [MemberData(nameof(Forms))]
    public async Task Decode_TheBundledClip_IsWhatSoxMakesOfIt(SpeechEncoding encoding, int rate, int channels)
    {
        const int Timeline = 48000;
        var random = new Random(TestSeed.GivenOrChance());
        byte[] clip = await File.ReadAllBytesAsync(RepositoryRoot.PathTo("src", "MotionGateway.Cli", "Assets", "welcome.wav"));
        string[] form = [.. Raw(encoding), "-r", Tools.Text(rate), "-c", Tools.Text(channels)];
        byte[] raw = await Tools.SoxAsync(clip, ["-t", "wav"], form, "trim", "1", "2");
        byte[] bytes = encoding == SpeechEncoding.Wav ? await Tools.SoxAsync(raw, form, ["-t", "wav"]) : raw;
        string[] resample = rate == Timeline ? [] : ["rate", "-v", Tools.Text(Timeline)];
        short[] expected = Sounds.Samples(await Tools.SoxAsync(raw, form, [.. Raw(SpeechEncoding.PcmS16Le), "-c", "1"], ["remix", "-", .. resample]));

        var format = encoding == SpeechEncoding.Wav ? new SpeechFormat(encoding, 0, 0) : new SpeechFormat(encoding, rate, channels);
        short[] heard = Sounds.Samples(Decoding.Decode(format, Timeline, bytes, random));

        Assert.Equal(2 * Timeline, heard.Length);
        Assert.InRange(expected.Length, heard.Length - 1, heard.Length + 1);
        Assert.InRange(Decoding.Snr(expected, heard), 40, double.MaxValue);
    }

    [Theory]
    [InlineData(8000, 48000)]
    [InlineData(11025, 48000)]
    [InlineData(22050, 16000)]
    [InlineData(44100, 24000)]
    [InlineData(48000, 22050)]
    [InlineData(24000, 16000)]
    public void Decode_AnyLength_IsExactToTheSample(int rate, int target)
    {
        foreach (int frames in (int[])[0, 1, 2, 3, 7, 100, 255, 256, 257, 1001, 5003])
        {
            var pcm = Decoding.Decode(new(SpeechEncoding.PcmS16Le, rate, 1), target, new byte[2 * frames]);
            Assert.Equal((int)Math.Round((double)frames * target / rate, MidpointRounding.AwayFromZero), pcm.Length / 2);
        }
    }

    [Theory]
    [InlineData(8000, 48000)]
    [InlineData(22050, 48000)]
    [InlineData(48000, 16000)]
    public void Decode_AClickAtTheStart_StaysThere(int rate, int target)
    {
        var click = new short[rate / 10];
        click[0] = 20000;
        var pcm = Sounds.Samples(Decoding.Decode(new(SpeechEncoding.PcmS16Le, rate, 1), target, Sounds.Bytes(click)));
        Assert.Equal(0, Array.IndexOf(pcm, pcm.Max()));
    }

    [Theory]
    [InlineData(16000, 17000)]
    [InlineData(22050, 20000)]
    [InlineData(24000, 23000)]
    public void Decode_ATonePitchedAboveTheTimelinesBand_IsNotHeardAsAnother(int target, double hertz)
    {
        const int Rate = 48000;
        double[] tone = [.. Enumerable.Range(0, Rate).Select(index => 0.5 * Math.Sin(2 * Math.PI * hertz * index / Rate))];
        var pcm = Sounds.Samples(Decoding.Decode(new(SpeechEncoding.PcmF32Le, Rate, 1), target, Sounds.Encode(SpeechEncoding.PcmF32Le, tone)));
        Assert.True(pcm[(target / 4)..^(target / 4)].All(sample => Math.Abs((int)sample) <= 1));
    }

    [Fact]
    public void Decode_TwoChannels_AreMixedWithoutOverflow()
    {
        short[] stereo = [32767, 32767, -32768, -32768, 1, 2, -1, -2, 32767, -32768, 3, 0];
        var pcm = Sounds.Samples(Decoding.Decode(new(SpeechEncoding.PcmS16Le, 16000, 2), 16000, Sounds.Bytes(stereo)));
        Assert.Equal([32767, -32768, 2, -1, 0, 2], pcm);
    }

    [Fact]
    public void Decode_FloatsOutOfRange_AreClampedAndNoNumberIsSilence()
    {
        float[] values = [0, 1, -1, 2, -2, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0.5f];
        var bytes = new byte[4 * values.Length];
        for (int index = 0; index < values.Length; index++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * index), values[index]);
        }

        var pcm = Sounds.Samples(Decoding.Decode(new(SpeechEncoding.PcmF32Le, 24000, 1), 24000, bytes));
        Assert.Equal([0, 32767, -32768, 32767, -32768, 0, 32767, -32768, 16384], pcm);
    }

    [Fact]
    public void Decode_PlainPcm_IsTheChunkItselfAndAllocatesNothing()
    {
        var pcm = Sounds.Bytes(Sounds.Babble(16000, 16000, new Random(5)));
        using var decoder = new SpeechDecoder(new(SpeechEncoding.PcmS16Le, 16000, 1), 16000);
        Assert.True(decoder.Decode(pcm) == pcm.AsSpan());
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < 100; run++)
        {
            decoder.Decode(pcm);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(101 * pcm.Length, decoder.InputBytes);
        Assert.Equal(0, decoder.HeldBytes);
    }

    [Fact]
    public void Complete_WithinASample_DropsAndCountsItsBytes()
    {
        using var decoder = new SpeechDecoder(new(SpeechEncoding.PcmF32Le, 16000, 2), 48000);
        decoder.Decode(new byte[19]);
        Assert.Equal(3, decoder.HeldBytes);
        Assert.Equal(6 * 2, decoder.Complete().Length);
        Assert.Equal(3, decoder.DroppedBytes);
        Assert.Equal(0, decoder.HeldBytes);
        Assert.True(decoder.Complete().IsEmpty);
        Assert.Throws<InvalidOperationException>(() => decoder.Decode(new byte[2]).Length);
    }

    [Theory]
    [InlineData(SpeechEncoding.PcmS16Le, 0, 1, "SampleRate")]
    [InlineData(SpeechEncoding.PcmS16Le, 7999, 1, "SampleRate")]
    [InlineData(SpeechEncoding.PcmS16Le, 48001, 1, "SampleRate")]
    [InlineData(SpeechEncoding.MuLaw, 8000, 0, "Channels")]
    [InlineData(SpeechEncoding.Wav, 0, 3, "Channels")]
    [InlineData((SpeechEncoding)9, 8000, 1, "Encoding")]
    public void Constructor_AWrongFormat_NamesTheField(SpeechEncoding encoding, int rate, int channels, string field) =>
        Assert.Contains(field, Assert.Throws<ArgumentException>(() => new SpeechDecoder(new(encoding, rate, channels), 48000)).Message, StringComparison.Ordinal);

    private static string[] Raw(SpeechEncoding encoding) => encoding switch
    {
        SpeechEncoding.PcmF32Le => ["-t", "raw", "-e", "floating-point", "-b", "32"],
        SpeechEncoding.MuLaw => ["-t", "raw", "-e", "mu-law", "-b", "8"],
        SpeechEncoding.ALaw => ["-t", "raw", "-e", "a-law", "-b", "8"],
        _ => ["-t", "raw", "-e", "signed-integer", "-b", "16"],
    };
}
