using System.Text;
using MotionGateway.Cli.Audio;
using MotionGateway.Speech;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Audio;

public sealed class SpeechInputTests
{
    private static readonly SpeechFormat Raw = new(SpeechEncoding.PcmS16Le, 16000, 1);

    [Theory]
    [InlineData(16000u, (ushort)1)]
    [InlineData(11025u, (ushort)2)]
    [InlineData(48000u, (ushort)2)]
    public async Task OpenAsync_Wav_TellsWhatItsHeaderSaysAndIsReadWhole(uint rate, ushort channels)
    {
        byte[] wav = new WavBytes { Rate = rate, Channels = channels, Samples = Noise(400), ChunkBefore = [9, 9, 9], ChunkAfter = [8, 8] }.ToArray();

        var speech = await OpenAsync(wav);

        Assert.Equal(new AudioFormat { Encoding = AudioEncoding.Wav, SampleRate = (int)rate, Channels = channels }, speech.ToAudioFormat());
        Assert.Equal(wav, await ReadAllAsync(speech));
        Assert.Equal((int)rate * channels * 2, speech.Clock.BytesPerSecond);
    }

    [Theory]
    [InlineData((ushort)3, (ushort)32, false)]
    [InlineData((ushort)1, (ushort)8, false)]
    [InlineData((ushort)1, (ushort)24, true)]
    [InlineData((ushort)6, (ushort)8, false)]
    [InlineData((ushort)7, (ushort)8, true)]
    public async Task OpenAsync_WavOfEveryKind_IsTaken(ushort encoding, ushort bits, bool isExtensible)
    {
        byte[] wav = new WavBytes { Encoding = encoding, Bits = bits, IsExtensible = isExtensible, Samples = Noise(240) }.ToArray();

        Assert.Equal(wav, await ReadAllAsync(await OpenAsync(wav)));
    }

    [Fact]
    public async Task OpenAsync_WavWhoseFormatComesLate_IsTaken()
    {
        byte[] wav = new WavBytes { ChunkBefore = new byte[20_000], Samples = Noise(32_000) }.ToArray();

        var speech = await OpenAsync(wav);
        speech.Clock.Add(wav);

        Assert.Equal((16000, TimeSpan.FromSeconds(1)), (speech.SampleRate, speech.Clock.Sent));
        Assert.Equal(wav, await ReadAllAsync(speech));
    }

    [Theory]
    [InlineData(1, 500)]
    [InlineData(2, 7000)]
    public async Task OpenAsync_OggOpus_IsReadWholeAndItsPagesTellTheTime(int seconds, int bytesAtATime)
    {
        byte[] opus = OpusBytes.Encode(OpusBytes.Tone(seconds));

        var speech = await OpenAsync(opus);

        Assert.Equal(new AudioFormat { Encoding = AudioEncoding.OggOpus }, speech.ToAudioFormat());
        Assert.Equal(opus, await ReadAllAsync(speech));
        foreach (byte[] part in opus.Chunk(bytesAtATime))
        {
            Assert.True(speech.Clock.Sent < TimeSpan.FromSeconds(seconds));
            speech.Clock.Add(part);
        }

        Assert.Equal(TimeSpan.FromSeconds(seconds), speech.Clock.Sent);
    }

    [Theory]
    [InlineData(SpeechEncoding.PcmS16Le, 1, 32_000)]
    [InlineData(SpeechEncoding.PcmF32Le, 2, 128_000)]
    [InlineData(SpeechEncoding.MuLaw, 1, 16_000)]
    [InlineData(SpeechEncoding.ALaw, 2, 32_000)]
    public async Task OpenAsync_Raw_IsWhatItIsSaidToBe(SpeechEncoding encoding, int channels, int bytesPerSecond)
    {
        byte[] samples = Noise(64);

        var speech = await OpenAsync(samples, new SpeechFormat(encoding, 16000, channels));
        speech.Clock.Add(new byte[bytesPerSecond]);

        Assert.Equal((16000, channels), (speech.ToAudioFormat().SampleRate, speech.ToAudioFormat().Channels));
        Assert.Equal(samples, await ReadAllAsync(speech));
        Assert.Equal(TimeSpan.FromSeconds(1), speech.Clock.Sent);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("fLaC\0\0\0\"------------", "FLAC")]
    [InlineData("ID3\u0004\0\0\0\0\0\0------", "MP3")]
    [InlineData("RIFX----WAVEfmt -", "big-endian")]
    [InlineData("{\"error\": \"there is no such voice\"}", "JSON")]
    [InlineData("hello, this is text", "neither WAV nor Ogg Opus")]
    public async Task OpenAsync_NoSpeech_SaysWhatItIs(string content, string expected) =>
        Assert.Contains(expected, await RefusalAsync(Encoding.Latin1.GetBytes(content)), StringComparison.Ordinal);

    [Fact]
    public async Task OpenAsync_WavOfAKindThatIsNotTaken_SaysWhichAndHowToConvert()
    {
        Assert.Contains("6 channels", await RefusalAsync(new WavBytes { Channels = 6 }.ToArray()), StringComparison.Ordinal);
        Assert.Contains("96000 Hz", await RefusalAsync(new WavBytes { Rate = 96000 }.ToArray()), StringComparison.Ordinal);
        Assert.Contains("sox", await RefusalAsync(new WavBytes { Encoding = 2, Bits = 4 }.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_WavWithoutSamples_IsRefused()
    {
        Assert.Contains("without its data", await RefusalAsync(new WavBytes().ToArray()[..36]), StringComparison.Ordinal);
        Assert.Contains("holds no samples", await RefusalAsync(new WavBytes { Samples = [] }.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_FileSaidToBeRaw_SaysWhatToLeaveOut()
    {
        foreach (byte[] file in new[] { new WavBytes().ToArray(), OpusBytes.Encode(OpusBytes.Tone(1)) })
        {
            var refusal = await Assert.ThrowsAsync<AudioFormatException>(
                () => SpeechInput.OpenAsync(new MemoryStream(file), "x.wav", Raw, CancellationToken.None));

            Assert.Contains("leave out --rate", refusal.Message, StringComparison.Ordinal);
        }
    }

    // A live voice begins when it begins; its session is there before.
    [Fact]
    public async Task OpenAsync_PipeOfBareSamples_WaitsForNothing()
    {
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.In);

        var speech = await SpeechInput.OpenAsync(pipe, "standard input", Raw, CancellationToken.None).DefaultTimeout();

        Assert.Equal(Raw.SampleRate, speech.SampleRate);
    }

    [Fact]
    public async Task LoadAsync_BundledClip_IsTenToTwentySecondsAt16kHz()
    {
        var clip = await DemoClip.LoadAsync(CancellationToken.None);

        Assert.Equal(16000, clip.SampleRate);
        Assert.InRange(clip.Duration.TotalSeconds, 10, 20);
    }

    private static Task<SpeechInput> OpenAsync(byte[] content, SpeechFormat? raw = null) =>
        SpeechInput.OpenAsync(new TricklingStream(content), "it", raw, CancellationToken.None);

    private static async Task<string> RefusalAsync(byte[] content, SpeechFormat? raw = null) =>
        (await Assert.ThrowsAsync<AudioFormatException>(() => OpenAsync(content, raw))).Message;

    private static async Task<byte[]> ReadAllAsync(SpeechInput speech)
    {
        var all = new List<byte>();
        byte[] buffer = new byte[50];
        int read;
        do
        {
            read = await speech.ReadAsync(buffer, CancellationToken.None);
            all.AddRange(buffer.AsSpan(0, read));
        }
        while (read == buffer.Length);

        return [.. all];
    }

    private static byte[] Noise(int bytes)
    {
        byte[] noise = new byte[bytes];
        new Random(bytes).NextBytes(noise);
        return noise;
    }
}
