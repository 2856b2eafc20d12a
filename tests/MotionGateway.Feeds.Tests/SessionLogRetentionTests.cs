using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests;

public sealed class SessionLogRetentionTests
{
    private static readonly TimeSpan Retention = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public void Append_BeyondMaxBytes_LetsTheOldestGo()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 1000 });
        var reader = f.OpenAt(0);
        f.Start("a");
        for (int i = 0; i < 50; i++)
        {
            f.Audio("a", 100);
            Assert.InRange(f.Log.Bytes, 1, 1000);
        }

        long first = f.Log.Available!.Value.From;
        Assert.True(first > 40);
        Assert.Equal($"1-{first - 1} Expired", LogFixture.ReadAll(reader)[0]);
    }

    [Fact]
    public void Append_OnePayloadLargerThanTheLog_LeavesItEmpty()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 100 });
        var reader = f.OpenAt(0);
        f.Audio("a", 500);

        Assert.Null(f.Log.Available);
        Assert.Equal(["1-1 Expired"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void Trim_AfterTheRetention_LetsGoThoughTheTurnGoesOn()
    {
        var f = Create();
        f.Start("a");
        f.Time.Advance(Retention);
        f.Audio("a");
        Assert.Equal(new SequenceSpan(1, 2), f.Log.Available);

        f.Time.Advance(Tick);
        f.Log.Trim();
        Assert.Equal(new SequenceSpan(2, 2), f.Log.Available);
        f.Time.Advance(Retention);
        f.Log.Trim();

        Assert.Null(f.Log.Available);
        Assert.Equal(0, f.Log.Bytes);
    }

    [Fact]
    public void MarkHeard_WhatIsUnheard_StaysBeyondBytesAndAge()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 1000, Retention = Retention });
        f.Log.MarkHeard(0);
        var reader = f.OpenAt(0);
        f.Start("a");
        for (int i = 0; i < 20; i++)
        {
            f.Audio("a", 100);
            f.Time.Advance(Retention);
        }

        f.Log.Trim();
        Assert.Equal(new SequenceSpan(1, 21), f.Log.Available);
        Assert.True(f.Log.Bytes > 2000);

        f.Log.MarkHeard(5);
        Assert.Equal(new SequenceSpan(6, 21), f.Log.Available);
        f.Log.MarkHeard(3);
        f.Time.Advance(Tick);
        f.Log.MarkHeard(21);
        Assert.Null(f.Log.Available);
        Assert.Equal(["1-21 Expired"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void MarkHeard_WhatIsHeard_StaysAsLongAsBytesAndAgeAllow()
    {
        var f = Create();
        f.Log.MarkHeard(0);
        f.Start("a");
        f.Audio("a");
        f.Log.MarkHeard(2);
        f.Time.Advance(Retention);
        f.Log.Trim();

        Assert.Equal(new SequenceSpan(1, 2), f.Log.Available);
    }

    [Fact]
    public void Trim_PausedTurn_NothingGrowsOldMeanwhile()
    {
        var f = Create();
        f.Start("a");
        f.Audio("a");
        f.Time.Advance(Retention / 2);
        f.Playback("a", paused: true);
        f.Time.Advance(Retention * 5);
        f.Message();
        f.Time.Advance(Retention * 5);
        f.Playback("a", paused: true);
        f.Log.Trim();
        Assert.Equal(new SequenceSpan(1, 5), f.Log.Available);

        f.Playback("a", paused: false);
        f.Time.Advance(Retention / 2);
        f.Log.Trim();
        Assert.Equal(new SequenceSpan(1, 6), f.Log.Available);
        f.Time.Advance(Tick);
        f.Log.Trim();
        Assert.Equal(new SequenceSpan(3, 6), f.Log.Available);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Trim_PauseEndsWithItsTurnOrWithinSkippedSequences_EntriesGrowOldAgain(bool skipped)
    {
        var f = Create();
        f.Start("a");
        f.Playback("a", paused: true);
        f.Time.Advance(Retention * 5);
        if (skipped)
        {
            f.Log.DeclareSkipped(9, SkipReason.Expired);
        }
        else
        {
            f.Interrupt("a", 2, 2);
        }

        f.Time.Advance(Retention + Tick);
        f.Log.Trim();

        Assert.Null(f.Log.Available);
    }

    [Fact]
    public void RemoveOldest_RingThatHasGrown_ShrinksAgain()
    {
        var ring = new EntryRing();
        var content = new LogContent(new LogPosition(1, 0), new SessionLogOptions(), TimeProvider.System, SlabPool.Shared);
        int smallest = ring.Capacity;
        for (int i = 1; i <= 10_000; i++)
        {
            ring.Add(new LogEntry(content, new SequenceSpan(i, i), PayloadKind.Unknown, null, new SlabPart(Slab.Of(new byte[3]), 0, 3)));
        }

        Assert.True(ring.Capacity >= 10_000);
        for (int i = 1; i <= 10_000; i++)
        {
            Assert.Equal(i, ring.Oldest.Sequence);
            Assert.Equal(10_000, ring[ring.Count - 1].Sequence);
            ring.RemoveOldest();
            Assert.True(ring.Capacity <= Math.Max(smallest, 4 * ring.Count), $"{ring.Capacity} slots for {ring.Count} entries");
        }

        Assert.Equal((smallest, 0L), (ring.Capacity, ring.Bytes));
    }

    private static LogFixture Create() => new(new SessionLogOptions { Retention = Retention });
}
