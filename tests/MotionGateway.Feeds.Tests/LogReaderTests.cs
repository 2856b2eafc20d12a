using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests;

public sealed class LogReaderTests
{
    [Fact]
    public void TryRead_FullWindow_MediaWaitsAndEventsDoNot()
    {
        var f = new LogFixture();
        int size = f.Audio("a").Encoded.Length;
        var reader = f.OpenAt(0, window: (2 * size) + 10);
        f.Audio("a");
        f.Audio("a");

        Assert.Equal(["1", "2"], LogFixture.ReadAll(reader));
        f.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), reader.BlockedFor);
        reader.Acknowledge(new LogPosition(LogFixture.Epoch, 0));
        Assert.Equal(TimeSpan.FromSeconds(3), reader.BlockedFor);

        reader.Acknowledge(new LogPosition(LogFixture.Epoch, 1));
        Assert.Equal(TimeSpan.Zero, reader.BlockedFor);
        f.Message();
        Assert.Equal(["3", "4"], LogFixture.ReadAll(reader));
        f.Message();
        Assert.Equal(["5"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void TryRead_PayloadLargerThanTheWindow_PassesAlone()
    {
        var f = new LogFixture();
        f.Audio("a", 500);
        f.Audio("a", 500);
        var reader = f.OpenAt(0, window: 100);

        Assert.Equal(["1"], LogFixture.ReadAll(reader));
        reader.Acknowledge(reader.Position);
        Assert.Equal(["2"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void Acknowledge_WhatWasNotSent_IsRefused()
    {
        var f = new LogFixture();
        f.Message();
        f.Message();
        var reader = f.OpenAt(0);
        reader.TryRead(out _);

        Assert.Throws<GatewayException>(() => reader.Acknowledge(new LogPosition(LogFixture.Epoch, 2)));
        Assert.Throws<GatewayException>(() => reader.Acknowledge(new LogPosition(LogFixture.Epoch - 1, 1)));
        reader.Acknowledge(new LogPosition(LogFixture.Epoch, 1));
    }

    [Fact]
    public void Interrupt_BlockedReader_OvertakesTheMedia()
    {
        var f = new LogFixture();
        f.Start("a");
        for (int i = 0; i < 5; i++)
        {
            f.Audio("a");
        }

        var reader = f.OpenAt(0, window: 1);
        Assert.Equal(["1", "2"], LogFixture.ReadAll(reader));

        f.Interrupt("a", from: 3, through: 6);

        Assert.Equal(["7"], LogFixture.ReadAll(reader));
        Assert.Equal(7, reader.Position.Sequence);
        Assert.Equal(0, reader.Lag);
    }

    [Fact]
    public void Interrupt_RangeBeginsLaterOrEventsStandBetween_RunsAreDeclared()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a");
        f.Motion("a");
        f.Message();
        f.Audio("a");
        f.Motion("a");
        f.Interrupt("a", from: 5, through: 6);
        f.Message();

        Assert.Equal(["1", "2-3 Interrupted", "4", "7", "8"], LogFixture.ReadAll(f.OpenAt(0)));
        Assert.Equal(["7", "8"], LogFixture.ReadAll(f.OpenAt(5)));
    }

    [Fact]
    public void Relay_DeclaredAndCoveredJumps_ReachEveryReaderExactly()
    {
        var f = new LogFixture(start: 10);
        f.Start("a");
        f.Log.DeclareSkipped(20, SkipReason.Expired);
        f.Audio("a");
        f.Interrupt("a", from: 21, through: 29, sequence: 30);
        Assert.Throws<ArgumentOutOfRangeException>(() => f.Log.DeclareSkipped(30, SkipReason.Expired));

        Assert.Equal(["11", "12-20 Expired", "30"], LogFixture.ReadAll(f.OpenAt(10)));
        Assert.Equal(["16-20 Expired", "30"], LogFixture.ReadAll(f.OpenAt(15)));
        Assert.Equal(["30"], LogFixture.ReadAll(f.OpenAt(25)));
        Assert.Equal(new SequenceSpan(11, 30), f.Log.Available);
    }

    [Fact]
    public void Wake_AppendAcknowledgeAndFail_AreSignalled()
    {
        var f = new LogFixture();
        var wake = new AsyncSignal();
        var reader = f.OpenAt(0, wake: wake);

        f.Message();
        Assert.True(wake.WaitAsync().AsTask().IsCompleted);
        reader.TryRead(out _);
        reader.Acknowledge(reader.Position);
        Assert.True(wake.WaitAsync().AsTask().IsCompleted);
        f.Log.Fail(new GatewayException(ErrorReason.Internal, ""));
        Assert.True(wake.WaitAsync().AsTask().IsCompleted);
        reader.Dispose();
        Assert.Equal(0, f.Log.ReaderCount);
    }

    [Fact]
    public void Wake_OfSeveralReaders_IsToldOncePerAppendUntilTheLastHasLeft()
    {
        var f = new LogFixture();
        var wake = new CountingWake();
        var readers = Enumerable.Range(0, 5).Select(_ => f.Log.OpenReader(new LogPosition(LogFixture.Epoch, 0), 100, wake)).ToList();

        f.Message();
        Assert.Equal(1, wake.Count);
        readers[0].TryRead(out _);
        readers[0].Acknowledge(readers[0].Position);
        Assert.Equal(1, wake.Count);
        readers.ForEach(reader => reader.Dispose());
        readers[0].Dispose();
        f.Message();
        Assert.Equal(1, wake.Count);
        Assert.Equal(0, f.Log.ReaderCount);
    }

    [Fact]
    public async Task Threads_OneAppenderManyReaders_EachSeesAContiguousLog()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 5000 });
        const int payloads = 20_000;
        var readers = Enumerable.Range(0, 4).Select(i => Task.Run(() => FollowAsync(f, window: i % 2 == 0 ? 500 : int.MaxValue))).ToList();
        while (f.Log.ReaderCount < readers.Count)
        {
            await Task.Yield();
        }

        for (int i = 0; i < payloads; i += 5)
        {
            string turn = $"t{i}";
            f.Start(turn);
            f.Audio(turn);
            f.Motion(turn);
            f.Message();
            f.Interrupt(turn, i + 2, i + 3);
        }

        f.EndSession();
        await Task.WhenAll(readers).DefaultTimeout();
    }

    private static async Task FollowAsync(LogFixture f, int window)
    {
        var wake = new AsyncSignal();
        using var reader = f.OpenAt(0, window, wake);
        long next = 1;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryRead(out var entry))
            {
                reader.Acknowledge(reader.Position);
                await wake.WaitAsync();
                continue;
            }

            var response = SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span);
            long from = response.Skipped?.Range.From ?? response.Payload.TurnEnded?.Discarded.From ?? response.Payload.Sequence;
            Assert.True(from <= next && entry.Sequence >= next, $"{response} after {next - 1}");
            next = entry.Sequence + 1;
        }
    }

    private sealed class CountingWake : IReaderWake
    {
        public int Count { get; private set; }

        public void Set() => Count++;

        public void SetByAcknowledgement()
        {
        }
    }
}
