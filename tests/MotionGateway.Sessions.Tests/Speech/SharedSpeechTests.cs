using Microsoft.Extensions.Time.Testing;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Speech;

/// <summary>Speech that is in the log is there once: whoever lets go of it first, the other still has it.</summary>
public sealed class SharedSpeechTests
{
    private const int Chunk = 2048;
    private const int Chunks = 200;

    private readonly SlabPool _pool = new(isPoisoning: true);
    private readonly FakeTimeProvider _time = new();
    private readonly SessionLog _log;
    private readonly KeptSpeech _kept;
    private readonly byte[] _speech = CoreFixture.Speech("a", Chunk * Chunks);
    private long _shared;

    public SharedSpeechTests()
    {
        _log = new SessionLog(new LogPosition(1, 0), new SessionLogOptions { Retention = TimeSpan.FromSeconds(1) }, _time, _pool);
        _kept = new KeptSpeech(_pool);
    }

    [Fact]
    public void Log_LetsGoFirst_SpeechIsStillThereAndCounted()
    {
        SpeakAndShare();
        Assert.InRange(_kept.HeldBytes, 0, SlabPool.LargestBytes);

        TrimLog();

        Assert.Equal(0, _log.Bytes);
        Assert.Equal(_speech, ReadAll());
        Assert.InRange(_kept.HeldBytes, _speech.Length, _speech.Length + SlabPool.LargestBytes);
        Assert.InRange(_pool.IdleBytes, 0, SlabPool.LargestBytes);
        _kept.Clear();
        Assert.InRange(_pool.IdleBytes, _speech.Length, _speech.Length + (3 * SlabPool.LargestBytes));
    }

    [Fact]
    public void Speech_IsLetGoOfFirst_TheLogStillHasIt()
    {
        using var reader = _log.OpenReader(new LogPosition(1, 0), int.MaxValue, new AsyncSignal());
        SpeakAndShare();
        _kept.Clear();
        Assert.InRange(_pool.IdleBytes, 0, SlabPool.LargestBytes);

        var read = new List<byte>();
        while (reader.TryRead(out var entry))
        {
            read.AddRange(SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span).Payload.Audio.Data);
        }

        Assert.Equal(_speech, read);
        TrimLog();
        Assert.InRange(_pool.IdleBytes, _speech.Length, _speech.Length + (3 * SlabPool.LargestBytes));
    }

    [Fact]
    public void Both_LetGoInAnyOrder_AllComesBackOnce()
    {
        var random = new Random(5);
        for (int run = 0; run < 20; run++)
        {
            var kept = new KeptSpeech(_pool);
            long sequence = _log.End.Sequence;
            for (int i = 0; i < Chunks; i++)
            {
                kept.Append(_speech.AsSpan(i * Chunk, Chunk));
                Share(kept, (long)i * (Chunk / 2), Chunk / 2, ++sequence);
                if (random.Next(4) == 0)
                {
                    kept.TrimBefore(random.NextInt64(kept.Samples));
                }

                if (random.Next(20) == 0)
                {
                    TrimLog();
                }
            }

            kept.Clear();
            TrimLog();
            Assert.InRange(_pool.IdleBytes, SlabPool.LargestBytes, _speech.Length + (4 * SlabPool.LargestBytes));
            Assert.Equal(0, kept.HeldBytes);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_OfSpeechOfWhichSomeIsInTheLog_IsTheSameFromAnyPlace(int seed)
    {
        var random = new Random(seed);
        int said = 0;
        while (said < _speech.Length)
        {
            int bytes = Math.Min(2 * random.Next(1, 6000), _speech.Length - said);
            _kept.Append(_speech.AsSpan(said, bytes));
            said += bytes;
            for (int i = random.Next(6); i > 0 && _shared < _kept.Samples; i--)
            {
                Share(_kept, _shared, _kept.Read(_shared, random.Next(1, 4000)).Length / 2, _log.End.Sequence + 1);
            }

            long from = random.NextInt64(_kept.Samples);
            Assert.Equal(_speech[((int)from * 2)..said], ReadAll(from));
        }

        Assert.True(_kept.AreSame(0, 0, _kept.Samples));
        Assert.Equal(0, _kept.FirstKept);
    }

    [Fact]
    public void Turn_OfALongSpeech_IsHeldOnce()
    {
        var f = new CoreFixture();
        for (int i = 0; i < 100; i++)
        {
            f.Say("a", 64);
        }

        // Kept until its motion is there, and in the log.
        Assert.Equal(0, f.Turn("a").Speech.Kept.FirstKept);
        Assert.InRange(f.Log.Bytes, 100 * 1024, 120 * 1024);
        Assert.InRange(f.Core.HeldBytes, 0, SlabPool.LargestBytes);
    }

    [Fact]
    public void Upstream_WhatItTook_StaysUntilItIsReleasedThoughTheTurnIsOver()
    {
        var f = new CoreFixture(limits: new SessionLimits { Log = new SessionLogOptions { Retention = TimeSpan.FromSeconds(1) } });
        f.Say("a", 64);
        var turn = f.Turn("a");
        var upstream = new UpstreamSpeech(CoreFixture.AtOnce);
        Assert.True(upstream.TryTake(new MotionRequest(turn, f.Leg!, 0, 0), turn.Samples, out var speech));
        byte[] taken = speech.ToArray();

        f.Interrupt("a");
        f.Time.Advance(TimeSpan.FromSeconds(2));
        f.Core.Advance();
        f.Log.Trim();
        Assert.Null(f.Log.Available);

        Assert.Equal(CoreFixture.Speech("a", 65_536)[..1024], taken);
        Assert.Equal(taken, speech.ToArray());
        upstream.Release();
        upstream.Release();
        Assert.NotEqual(taken, speech.ToArray());
    }

    [Fact]
    public void Upstream_OfSpeechInManyPayloads_IsOneMessage()
    {
        var f = new CoreFixture();
        for (int i = 0; i < 20; i++)
        {
            f.Say("a", 20);
        }

        var request = new MotionRequest(f.Turn("a"), f.Leg!, 0, 0);
        var upstream = new UpstreamSpeech(CoreFixture.AtOnce);
        Assert.True(upstream.TryTake(request, 3000, out var speech));
        Assert.Equal(CoreFixture.Speech("a", 65_536)[..6000], speech.ToArray());
        Assert.True(upstream.TryTake(request, 3200, out speech));
        Assert.Equal(CoreFixture.Speech("a", 65_536)[6000..6400], speech.ToArray());
        Assert.False(upstream.TryTake(request, 3200, out _));
        upstream.Release();
    }

    private void SpeakAndShare()
    {
        for (int i = 0; i < Chunks; i++)
        {
            _kept.Append(_speech.AsSpan(i * Chunk, Chunk));
            Share(_kept, _shared, Chunk / 2, _log.End.Sequence + 1);
        }
    }

    private void Share(KeptSpeech kept, long first, int count, long sequence)
    {
        var samples = kept.Read(first, count).Memory.Span;
        Assert.Equal(count * 2, samples.Length);
        kept.Share(first, count, _log.Append(
            MediaPayload.OfAudio(new LogPosition(1, sequence), "a", first, count, false, samples), isHeld: true));
        _shared = first + count;
    }

    private void TrimLog()
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        _log.Trim();
    }

    private byte[] ReadAll(long from = 0)
    {
        List<byte> all = [];
        while (from < _kept.Samples)
        {
            var piece = _kept.Read(from, 5000);
            all.AddRange(piece.Memory.Span);
            from += piece.Length / 2;
        }

        return [.. all];
    }
}
