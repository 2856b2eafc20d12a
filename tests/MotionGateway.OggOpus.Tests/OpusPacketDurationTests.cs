namespace MotionGateway.OggOpus.Tests;

/// <summary>Durations by the table of RFC 6716, section 3.1.</summary>
public sealed class OpusPacketDurationTests
{
    [Theory]
    [InlineData(0, 480)] // narrow band, 10 ms
    [InlineData(3, 2880)] // narrow band, 60 ms
    [InlineData(6, 1920)] // medium band, 40 ms
    [InlineData(9, 960)] // wide band, 20 ms
    [InlineData(12, 480)] // hybrid, 10 ms
    [InlineData(15, 960)] // hybrid, 20 ms
    [InlineData(16, 120)] // 2.5 ms
    [InlineData(21, 240)] // 5 ms
    [InlineData(31, 960)] // full band, 20 ms
    public void Of_OneFrame_IsThatOfTheConfiguration(int configuration, int samples)
    {
        Assert.Equal(samples, OpusPacketDuration.Of((byte)(configuration << 3), -1));
        if (samples <= 2880)
        {
            Assert.Equal(2 * samples, OpusPacketDuration.Of((byte)((configuration << 3) | 1), -1));
            Assert.Equal(2 * samples, OpusPacketDuration.Of((byte)((configuration << 3) | 2), 0));
        }
    }

    [Theory]
    [InlineData(3, 960 * 3)]
    [InlineData(0xC3, 960 * 3)] // padding and variable sizes are flagged in the upper bits
    [InlineData(6, 5760)]
    [InlineData(7, -1)] // 140 ms
    [InlineData(0, -1)]
    [InlineData(-1, -1)]
    public void Of_ManyFrames_IsCountedByTheSecondByte(int second, int samples) =>
        Assert.Equal(samples, OpusPacketDuration.Of((31 << 3) | 3, second));
}
