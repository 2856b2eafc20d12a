using MotionGateway.Testing;

namespace MotionGateway.Feeds.Tests;

/// <summary>Where a log's media is, for how long, and what becomes of the memory.</summary>
public sealed class LogSlabsTests
{
    private readonly LogFixture _f = new(new SessionLogOptions { Retention = TimeSpan.FromSeconds(1) });

    [Fact]
    public void Append_ASmallPayload_HoldsASmallSlab()
    {
        _f.Audio("a", 100);
        Expire();

        Assert.Equal((null, SlabPool.SmallestBytes), (_f.Log.Available, _f.Pool.IdleBytes));
    }

    [Fact]
    public void Trim_OfEverything_GivesAllBackOnce()
    {
        long once = FillAndExpire();
        long twice = FillAndExpire();

        Assert.InRange(once, 200 * 1000, (200 * 1000) + (2 * SlabPool.LargestBytes));
        Assert.Equal(once, twice);

        long FillAndExpire()
        {
            for (int i = 0; i < 200; i++)
            {
                _f.Audio("a", 1000);
            }

            Expire();
            return _f.Pool.IdleBytes;
        }
    }

    [Fact]
    public void Trim_BeforeAnEntryThatIsStillThere_GivesBackTheSlabsBefore()
    {
        for (int i = 0; i < 200; i++)
        {
            _f.Audio("a", 1000);
        }

        _f.Time.Advance(TimeSpan.FromSeconds(2));
        var last = _f.Audio("a", 1000);

        Assert.Equal(201, _f.Log.Available?.From);
        Assert.InRange(_f.Pool.IdleBytes, (200 * 1000) - (2 * SlabPool.LargestBytes), 200 * 1000);
        Assert.Equal(1000, ReadData(last).Length);
    }

    [Fact]
    public void Trim_WhileAReaderUsesAnEntry_LeavesItUntilTheReaderReadsOn()
    {
        using var reader = _f.OpenAt(0);
        _f.Audio("a", 1000);
        Assert.True(reader.TryRead(out var entry));
        byte[] bytes = entry.Encoded.ToArray();
        var memory = entry.Encoded;

        Expire();
        Assert.Equal((null, 0), (_f.Log.Available, _f.Pool.IdleBytes));
        Assert.Equal(bytes, memory.ToArray());
        Assert.Equal(entry, reader.Current);

        Assert.False(reader.TryRead(out _));
        Assert.Null(reader.Current);
        Assert.Equal(SlabPool.SmallestBytes, _f.Pool.IdleBytes);
        Assert.Throws<ObjectDisposedException>(() => entry.Encoded);
        Assert.All(memory.ToArray(), b => Assert.Equal(SlabPool.Poison, b));
    }

    [Fact]
    public void Dispose_OfAReader_LetsGoOfWhatItReadLastOnce()
    {
        var reader = _f.OpenAt(0);
        _f.Audio("a", 1000);
        reader.TryRead(out _);
        Expire();
        Assert.Equal(0, _f.Pool.IdleBytes);

        reader.Dispose();
        reader.Dispose();

        Assert.Equal(SlabPool.SmallestBytes, _f.Pool.IdleBytes);
    }

    [Fact]
    public void Hold_OfAnEntry_KeepsItWhenItsReaderHasGone()
    {
        var reader = _f.OpenAt(0);
        _f.Audio("a", 1000);
        reader.TryRead(out var entry);
        entry.Hold();
        reader.Dispose();
        Expire();

        Assert.True(entry.HasLeft);
        Assert.Equal(1000, ReadData(entry).Length);
        entry.Release();
        Assert.Equal(SlabPool.SmallestBytes, _f.Pool.IdleBytes);
    }

    [Fact]
    public void Append_HeldForItsOwner_StaysThoughItLeavesTheLogAtOnce()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 100 });
        var entry = f.Log.Append(
            MediaPayload.OfAudio(new LogPosition(LogFixture.Epoch, 1), "a", 0, 500, false, TestBytes(1000)), isHeld: true);

        Assert.Null(f.Log.Available);
        Assert.Equal(TestBytes(1000), entry.GetLast(1000).Memory.ToArray());
        Assert.Equal(0, f.Pool.IdleBytes);
        entry.Release();
        Assert.Equal(SlabPool.SmallestBytes, f.Pool.IdleBytes);
    }

    [Fact]
    public void Append_OfMedia_IsWhatTheEncoderGives()
    {
        var position = new LogPosition(LogFixture.Epoch, 1);
        var entry = _f.Log.Append(MediaPayload.OfMotion(position, "turn", 25, 3, true, TestBytes(70_000)));

        Assert.Equal(PayloadEncoder.EncodeMotion(position, "turn", 25, 3, true, TestBytes(70_000)), entry.Encoded.ToArray());
        Assert.Equal(entry.Length + LogEntry.OverheadBytes, _f.Log.Bytes);
    }

    [Fact]
    public void Append_ThatIsRefused_HoldsNothing()
    {
        var wrong = new LogPosition(LogFixture.Epoch, 5);
        Assert.Throws<GatewayException>(() => _f.Log.Append(MediaPayload.OfAudio(wrong, "a", 0, 500, false, TestBytes(1000))));
        Assert.Throws<GatewayException>(() => _f.Log.Append(PayloadEncoder.EncodeAudio(wrong, "a", 0, 500, false, TestBytes(1000))));
        _f.Audio("a", 100);
        Expire();

        Assert.Equal(SlabPool.SmallestBytes, _f.Pool.IdleBytes);
    }

    [Fact]
    public void LetGo_OfALog_WaitsForItsReaders()
    {
        var reader = _f.OpenAt(0);
        _f.Audio("a", 1000);
        _f.Audio("a", 1000);
        _f.Log.LetGo();
        Assert.True(reader.TryRead(out _));
        Assert.True(reader.TryRead(out var second));
        Assert.Equal(1000, ReadData(second).Length);
        Assert.Equal(0, _f.Pool.IdleBytes);

        reader.Dispose();

        Assert.Equal((SlabPool.SmallestBytes, 0), (_f.Pool.IdleBytes, _f.Log.Bytes));
    }

    [Fact]
    public async Task Logs_OfManySessionsInOnePool_AreReadByNobodyElse()
    {
        var pool = new SlabPool(isPoisoning: true);
        var sessions = Enumerable.Range(1, 4).Select(id => Task.Run(() => Speak((byte)id, pool)));
        await Task.WhenAll(sessions).DefaultTimeout();
    }

    // One writes and trims, one reads what may leave meanwhile, and a third comes and goes.
    private static async Task Speak(byte id, SlabPool pool)
    {
        var options = new SessionLogOptions { MaxBytes = 20_000 };
        var log = new SessionLog(new LogPosition(1, 0), options, TimeProvider.System, pool);
        var random = new Random(id);
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() => Read(id, log))).ToList();
        for (int i = 1; i <= 3000; i++)
        {
            byte[] data = new byte[random.Next(1, i % 50 == 0 ? 60_000 : 3000)];
            Array.Fill(data, id);
            log.Append(MediaPayload.OfAudio(new LogPosition(1, i), "turn", i, 1, false, data));
        }

        log.Append(PayloadEncoder.Encode(new V1.Payload { Epoch = 1, Sequence = 3001, SessionEnded = new V1.SessionEnded() }));
        await Task.WhenAll(readers);
        log.LetGo();
    }

    private static void Read(byte id, SessionLog log)
    {
        var reader = OpenAtEnd(log);
        for (int i = 0; !reader.IsAtEnd; i++)
        {
            if (reader.TryRead(out var entry) && entry.Kind == PayloadKind.Audio)
            {
                Assert.True(ReadData(entry).IndexOfAnyExcept(id) < 0, "bytes of another session, or of none");
            }

            if (i % 100 == 99)
            {
                var next = OpenAtEnd(log);
                reader.Dispose();
                reader = next;
            }
        }

        reader.Dispose();
    }

    private static LogReader OpenAtEnd(SessionLog log)
    {
        while (true)
        {
            try
            {
                return log.OpenReader(log.End, int.MaxValue, new AsyncSignal());
            }
            catch (GatewayException gone) when (gone.Reason == V1.ErrorReason.SequenceExpired)
            {
                // Its end has left the log in the meantime.
            }
        }
    }

    private void Expire()
    {
        _f.Time.Advance(TimeSpan.FromSeconds(2));
        _f.Log.Trim();
    }

    private static ReadOnlySpan<byte> ReadData(LogEntry entry)
    {
        Assert.True(PayloadHeader.TryRead(entry.Encoded.Span, out var header));
        return header.ReadData();
    }

    private static byte[] TestBytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
