using Google.Protobuf;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Viewing;

public sealed class ViewedTurnTests
{
    private static readonly byte[] Page = [.. "OggS"u8, 0, 0, 0];

    [Theory]
    [InlineData(AudioEncoding.Unspecified, true)]
    [InlineData(AudioEncoding.PcmS16Le, true)]
    [InlineData(AudioEncoding.OggOpus, false)]
    public void Add_TwoBytesASample_AreWholeOfPcmOnly(AudioEncoding encoding, bool isOrdered) =>
        Assert.Equal(isOrdered, View(encoding, Audio(0, 4, new byte[8])).IsOrdered);

    [Theory]
    [InlineData(AudioEncoding.PcmS16Le, false)]
    [InlineData(AudioEncoding.OggOpus, true)]
    public void Add_Pages_AreWholeOfOpusOnly(AudioEncoding encoding, bool isOrdered)
    {
        var turn = View(encoding, Audio(0, 960, Page), Audio(960, 480, Page), Audio(1440, 0, []));

        Assert.Equal((isOrdered, 1440L, 30d), (turn.IsOrdered, turn.Samples, turn.AudioMs));
        Assert.Equal(2 * Page.Length, turn.AudioBytes);
    }

    [Fact]
    public void Add_OpusWithAHole_IsNotOrdered()
    {
        Assert.False(View(AudioEncoding.OggOpus, Audio(0, 960, Page), Audio(1920, 960, Page)).IsOrdered);
        Assert.False(View(AudioEncoding.OggOpus, Audio(0, 960, [])).IsOrdered);
    }

    private static ViewedTurn View(AudioEncoding encoding, params Payload[] payloads)
    {
        var turn = new ViewedTurn("story");
        turn.Add(new Payload { TurnStarted = new TurnStarted { SampleRate = 48000, AudioEncoding = encoding } });
        foreach (var payload in payloads)
        {
            turn.Add(payload);
        }

        return turn;
    }

    private static Payload Audio(long first, int count, byte[] data) =>
        new() { Audio = new V1.Audio { FirstSample = first, SampleCount = count, Data = ByteString.CopyFrom(data) } };
}
