using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests;

/// <summary>What readers that do not keep up are spared, by their policies, and that each gap is declared.</summary>
public sealed class SlowReaderTests
{
    private const int Window = 1;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void DropMotion_TheTurnGoesOnWithoutMotionAndTheNextHasIt()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a");
        f.Audio("a");
        f.Motion("a");
        var reader = f.OpenAt(0, Window, policy: SlowReaderPolicy.DropMotion);
        Assert.Equal(["1", "2"], LogFixture.ReadAll(reader));

        Assert.True(reader.TrySpare());
        Acknowledge(reader);
        Assert.Equal(["3"], LogFixture.ReadAll(reader));
        f.Motion("a");
        f.Audio("a");
        f.Message();
        f.Motion("a");
        f.End("a");
        f.Start("b");
        f.Motion("b");
        Acknowledge(reader);

        Assert.Equal(["4-5 ReaderTooSlow", "6", "7", "8-8 ReaderTooSlow", "9", "10", "11"], ReadAcknowledging(reader));
    }

    [Fact]
    public void DropMotion_SpeechAloneWaits_NothingMoreIsLeftOut()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a");
        f.Motion("a");
        f.Audio("a");
        var reader = f.OpenAt(0, Window, policy: SlowReaderPolicy.DropMotion);
        LogFixture.ReadAll(reader);
        f.Time.Advance(10 * Second);
        Assert.Equal(10 * Second, reader.BlockedFor);

        Assert.True(reader.TrySpare());
        Assert.Equal(TimeSpan.Zero, reader.BlockedFor);
        Assert.Equal(["3-3 ReaderTooSlow"], LogFixture.ReadAll(reader));
        Assert.Equal(TimeSpan.Zero, reader.BlockedFor);
        f.Time.Advance(4 * Second);

        Assert.Equal(4 * Second, reader.BlockedFor);
        Assert.False(reader.TrySpare());
    }

    [Fact]
    public void SkipTurn_TheRestOfItsMediaIsLeftOutAndEventsAreNot()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a");
        f.Motion("a");
        f.Audio("a");
        var reader = f.OpenAt(0, Window, policy: SlowReaderPolicy.SkipTurn);
        Assert.Equal(["1", "2"], LogFixture.ReadAll(reader));

        Assert.True(reader.TrySpare());
        Assert.Empty(LogFixture.ReadAll(reader));
        Assert.False(reader.IsBlocked);
        f.Message();
        Assert.Equal(["3-4 ReaderTooSlow", "5"], LogFixture.ReadAll(reader));
        f.Audio("a");
        f.End("a");
        f.Start("b");
        f.Audio("b");
        Acknowledge(reader);

        Assert.Equal(["6-6 ReaderTooSlow", "7", "8", "9"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void SkipTurn_TheNextTurnIsTooMuchAsWell_IsLeftOutToo()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a");
        f.Audio("a");
        f.End("a");
        f.Start("b");
        f.Audio("b");
        f.End("b");
        var reader = f.OpenAt(0, Window, policy: SlowReaderPolicy.SkipTurn);
        LogFixture.ReadAll(reader);

        Assert.True(reader.TrySpare());
        Assert.Equal(["3-3 ReaderTooSlow", "4", "5"], LogFixture.ReadAll(reader));
        Assert.True(reader.IsBlocked);
        Assert.True(reader.TrySpare());

        Assert.Equal(["6-6 ReaderTooSlow", "7"], LogFixture.ReadAll(reader));
    }

    [Theory]
    [InlineData(SlowReaderPolicy.Unspecified)]
    [InlineData(SlowReaderPolicy.Disconnect)]
    public void Disconnect_NothingIsLeftOut(SlowReaderPolicy policy)
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a");
        f.Motion("a");
        var reader = f.OpenAt(0, Window, policy: policy);
        LogFixture.ReadAll(reader);

        Assert.False(reader.TrySpare());
        Assert.Equal(SlowReaderPolicy.Disconnect, reader.Policy);
        Acknowledge(reader);
        Assert.Equal(["3"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void Interrupt_OfATurnThatIsSkipped_CoversWhatWasNotSent()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a");
        f.Motion("a");
        f.Audio("a");
        var reader = f.OpenAt(0, Window, policy: SlowReaderPolicy.SkipTurn);
        LogFixture.ReadAll(reader);
        reader.TrySpare();
        Assert.Empty(LogFixture.ReadAll(reader));

        f.Interrupt("a", from: 2, through: 4);

        Assert.Equal(["5"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void Resume_ByPosition_SeesTheLogAsItIs()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a");
        f.Motion("a");
        f.Audio("a");
        f.End("a");
        var reader = f.OpenAt(0, Window, policy: SlowReaderPolicy.SkipTurn);
        LogFixture.ReadAll(reader);
        reader.TrySpare();
        Assert.Equal(["3-4 ReaderTooSlow", "5"], LogFixture.ReadAll(reader));

        Assert.Equal(["3", "4", "5"], LogFixture.ReadAll(f.OpenAt(2, policy: SlowReaderPolicy.SkipTurn)));
    }

    // A network with four fifths of what is needed: something is acknowledged all the time, and yet it comes later and later.
    [Fact]
    public void BlockedFor_ReaderAcknowledgesAllTheTimeAndFallsBehind_Grows()
    {
        var f = new LogFixture();
        f.Start("a");
        var reader = f.OpenAt(0, Window, policy: SlowReaderPolicy.DropMotion);
        LogFixture.ReadAll(reader);
        for (int i = 0; i < 50; i++)
        {
            f.Time.Advance(Second);
            f.Audio("a");
            if (i % 5 != 0)
            {
                Acknowledge(reader);
            }

            LogFixture.ReadAll(reader);
        }

        Assert.InRange(reader.BlockedFor, 8 * Second, 11 * Second);
    }

    // Who comes late has much to read, and is not slow as long as it gets nearer.
    [Fact]
    public void BlockedFor_ReaderThatCatchesUp_DoesNotGrow()
    {
        var f = new LogFixture();
        f.Start("a");
        for (int i = 0; i < 30; i++)
        {
            f.Audio("a");
            f.Time.Advance(Second);
        }

        var reader = f.OpenAt(0, Window, policy: SlowReaderPolicy.DropMotion);
        for (int i = 0; i < 25; i++)
        {
            LogFixture.ReadAll(reader);
            Acknowledge(reader);
            LogFixture.ReadAll(reader);
            Acknowledge(reader);
            f.Time.Advance(Second);
            f.Audio("a");
            Assert.True(reader.BlockedFor <= Second, $"{reader.BlockedFor} after {i} s");
        }
    }

    [Fact]
    public void BlockedFor_PlaybackIsHeld_DoesNotGrow()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a");
        f.Audio("a");
        f.Playback("a", paused: true);
        var reader = f.OpenAt(0, Window, policy: SlowReaderPolicy.DropMotion);
        LogFixture.ReadAll(reader);
        f.Time.Advance(60 * Second);
        Assert.Equal(TimeSpan.Zero, reader.BlockedFor);

        f.Playback("a", paused: false);
        f.Time.Advance(Second);
        Assert.Equal(Second, reader.BlockedFor);
    }

    private static void Acknowledge(LogReader reader) => reader.Acknowledge(reader.Position);

    private static List<string> ReadAcknowledging(LogReader reader)
    {
        List<string> read = [];
        while (reader.TryRead(out var entry))
        {
            read.Add(LogFixture.Describe(entry));
            Acknowledge(reader);
        }

        return read;
    }
}
