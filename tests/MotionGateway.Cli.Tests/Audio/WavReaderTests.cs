using MotionGateway.Cli.Audio;

namespace MotionGateway.Cli.Tests.Audio;

public sealed class WavReaderTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { nameof(WavBytes.Channels), "stereo" },
        { nameof(WavBytes.Encoding), "floating point" },
        { nameof(WavBytes.Bits), "24 bits" },
        { nameof(WavBytes.Rate), "11025 Hz" },
    };

    [Fact]
    public async Task OpenAsync_PlainFile_GivesRateLengthAndSamples()
    {
        var pcm = await OpenAsync(new WavBytes { Rate = 24000 }.ToArray());

        Assert.Equal(24000, pcm.SampleRate);
        Assert.Equal(4, pcm.Length);
        Assert.Equal([1, 2, 3, 4], await ReadAllAsync(pcm));
    }

    [Fact]
    public async Task OpenAsync_OtherChunks_AreNoSamples()
    {
        var wav = new WavBytes { ChunkBefore = [9, 9, 9], ChunkAfter = [8, 8, 8, 8] };

        Assert.Equal([1, 2, 3, 4], await ReadAllAsync(await OpenAsync(wav.ToArray())));
    }

    [Fact]
    public async Task OpenAsync_ExtensiblePcm_IsTaken() =>
        Assert.Equal(16000, (await OpenAsync(new WavBytes { IsExtensible = true }.ToArray())).SampleRate);

    [Fact]
    public async Task OpenAsync_ExtensibleFloat_IsRefused() =>
        Assert.Contains("floating point", await RefusalAsync(new WavBytes { IsExtensible = true, Encoding = 3, Bits = 32 }.ToArray()), StringComparison.Ordinal);

    [Theory]
    [InlineData(0xFFFF_FFFF)]
    [InlineData(0x7FFF_F000)]
    public async Task OpenAsync_LengthOfAPipe_ReadsToTheEnd(uint declared)
    {
        var pcm = await OpenAsync(new WavBytes { DeclaredBytes = declared, Samples = [1, 2, 3, 4, 5, 6] }.ToArray());

        Assert.Null(pcm.Length);
        Assert.Equal([1, 2, 3, 4, 5, 6], await ReadAllAsync(pcm));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task OpenAsync_OtherFormat_SaysWhichAndHowToConvert(string what, string expected)
    {
        var wav = what switch
        {
            nameof(WavBytes.Channels) => new WavBytes { Channels = 2 },
            nameof(WavBytes.Encoding) => new WavBytes { Encoding = 3, Bits = 32 },
            nameof(WavBytes.Bits) => new WavBytes { Bits = 24 },
            _ => new WavBytes { Rate = 11025 },
        };

        string refusal = await RefusalAsync(wav.ToArray());

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.Contains("ffmpeg", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_SeveralProblems_TellsAll()
    {
        string refusal = await RefusalAsync(new WavBytes { Channels = 2, Rate = 11025 }.ToArray());

        Assert.Contains("stereo", refusal, StringComparison.Ordinal);
        Assert.Contains("11025", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("ID3\u0004-----------", "MP3")]
    [InlineData("OggS------------", "Ogg")]
    [InlineData("fLaC------------", "FLAC")]
    [InlineData("RIFX----WAVE----", "big-endian")]
    [InlineData("hello, this is text", "no WAV file")]
    public async Task OpenAsync_NoWav_SaysWhatItIs(string content, string expected) =>
        Assert.Contains(expected, await RefusalAsync(System.Text.Encoding.Latin1.GetBytes(content)), StringComparison.Ordinal);

    [Fact]
    public async Task OpenAsync_NoData_IsRefused() =>
        Assert.Contains("no samples", await RefusalAsync(new WavBytes().ToArray()[..36]), StringComparison.Ordinal);

    [Fact]
    public async Task OpenAsync_OddData_IsRefused() =>
        Assert.Contains("odd", await RefusalAsync(new WavBytes { Samples = [1, 2, 3] }.ToArray()), StringComparison.Ordinal);

    [Fact]
    public async Task ReadAsync_TruncatedFile_IsRefused()
    {
        var pcm = await OpenAsync(new WavBytes { DeclaredBytes = 100 }.ToArray());

        var failure = await Assert.ThrowsAsync<AudioFormatException>(() => ReadAllAsync(pcm));

        Assert.Contains("ends early", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_RawEndsWithinASample_IsRefused()
    {
        var pcm = new PcmStream(new TricklingStream([1, 2, 3]), "raw", 16000, null);

        await Assert.ThrowsAsync<AudioFormatException>(() => ReadAllAsync(pcm));
    }

    [Fact]
    public async Task LoadAsync_BundledClip_IsTenToTwentySecondsAt16kHz()
    {
        var clip = await DemoClip.LoadAsync(CancellationToken.None);

        Assert.Equal(16000, clip.SampleRate);
        Assert.InRange(clip.Duration.TotalSeconds, 10, 20);
    }

    private static Task<PcmStream> OpenAsync(byte[] content) =>
        WavReader.OpenAsync(new TricklingStream(content), "it", CancellationToken.None);

    private static async Task<string> RefusalAsync(byte[] content) =>
        (await Assert.ThrowsAsync<AudioFormatException>(() => OpenAsync(content))).Message;

    private static async Task<byte[]> ReadAllAsync(PcmStream pcm)
    {
        var all = new List<byte>();
        byte[] buffer = new byte[4];
        int read;
        while ((read = await pcm.ReadAsync(buffer, CancellationToken.None)) > 0)
        {
            all.AddRange(buffer.AsSpan(0, read));
        }

        return [.. all];
    }
}
