namespace MotionGateway.OggOpus.Tests;

/// <summary>What an encoder may be asked for.</summary>
public sealed class OggOpusEncoderOptionsTests
{
    [Fact]
    public void Validate_TheDefaults_AreFine() => Assert.Empty(new OggOpusEncoderOptions().Validate());

    [Theory]
    [InlineData(22050)]
    [InlineData(32000)]
    [InlineData(44100)]
    [InlineData(0)]
    public void Constructor_ARateThatOpusDoesNotCode_NamesThePropertyAndTheRates(int rate)
    {
        var failure = Assert.Throws<ArgumentException>(() => new OggOpusEncoder(new OggOpusEncoderOptions { SampleRate = rate }));
        Assert.Contains("SampleRate must be one of 8000, 12000, 16000, 24000, 48000 Hz", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(499, false)]
    [InlineData(500, true)]
    [InlineData(512_000, true)]
    [InlineData(512_001, false)]
    [InlineData(-1, false)]
    public void Validate_ABitrate_IsAutomaticOrInRange(int bitrate, bool isFine) =>
        Assert.Equal(isFine, new OggOpusEncoderOptions { Bitrate = bitrate }.Validate().Count == 0);

    [Theory]
    [InlineData(10, true)]
    [InlineData(20, true)]
    [InlineData(40, true)]
    [InlineData(60, true)]
    [InlineData(30, false)]
    [InlineData(5, false)]
    [InlineData(0, false)]
    [InlineData(20.5, false)]
    public void Validate_AFrameDuration_IsOneOfFour(double milliseconds, bool isFine) =>
        Assert.Equal(isFine, new OggOpusEncoderOptions { FrameDuration = TimeSpan.FromMilliseconds(milliseconds) }.Validate().Count == 0);

    [Theory]
    [InlineData(null, true)]
    [InlineData(0, true)]
    [InlineData(10, true)]
    [InlineData(11, false)]
    [InlineData(-1, false)]
    public void Validate_AComplexity_IsTheCodecsChoiceOrInRange(int? complexity, bool isFine) =>
        Assert.Equal(isFine, new OggOpusEncoderOptions { Complexity = complexity }.Validate().Count == 0);

    [Fact]
    public void Validate_EverythingWrong_NamesEachProperty()
    {
        var problems = new OggOpusEncoderOptions { SampleRate = 1, FrameDuration = TimeSpan.Zero, Application = (OpusApplication)9, Bitrate = 1, Complexity = 11 }.Validate();
        Assert.Equal(["SampleRate", "FrameDuration", "Application", "Bitrate", "Complexity"], problems.Select(problem => problem.Split(' ')[0]));
    }
}
