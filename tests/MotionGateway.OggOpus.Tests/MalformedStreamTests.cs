using System.Buffers;
using MotionGateway.OggOpus.Ogg;
using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.OggOpus.Tests;

/// <summary>Each kind of refusal by a stream made for it, and any bytes at all. <c>MOTIONGATEWAY_SEED</c> replays one.</summary>
public sealed class MalformedStreamTests(ITestOutputHelper output)
{
    private const int Mutations = 10_000;

    public static TheoryData<OggOpusError, string> Refusals => new()
    {
        { OggOpusError.NotOgg, "pattern" },
        { OggOpusError.NotOgg, "version" },
        { OggOpusError.ChecksumMismatch, "checksum" },
        { OggOpusError.PageOutOfSequence, "lost page" },
        { OggOpusError.SeveralStreams, "serial" },
        { OggOpusError.SeveralStreams, "no beginning" },
        { OggOpusError.SeveralStreams, "second beginning" },
        { OggOpusError.BadHeader, "no head" },
        { OggOpusError.BadHeader, "no tags" },
        { OggOpusError.BadHeader, "ends in headers" },
        { OggOpusError.UnsupportedStream, "major version" },
        { OggOpusError.UnsupportedStream, "channels" },
        { OggOpusError.UnsupportedStream, "family" },
        { OggOpusError.BadPacket, "not begun" },
        { OggOpusError.BadPacket, "no frames" },
        { OggOpusError.BadPacket, "empty packet" },
        { OggOpusError.BadGranulePosition, "decreases" },
        { OggOpusError.BadGranulePosition, "negative" },
        { OggOpusError.BadGranulePosition, "none" },
        { OggOpusError.DataAfterEnd, "after" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void TryRead_AMalformedStream_NamesWhatIsWrong(OggOpusError error, string what)
    {
        var ogg = Break(what);
        foreach (int cut in (ReadOnlySpan<int>)[1, int.MaxValue])
        {
            var failure = Assert.Throws<OggOpusException>(() => Streams.Read(new(), ogg, cut));
            Assert.Equal(error, failure.Error);
        }
    }

    [Fact]
    [Trait("Category", "Fuzz")]
    public void TryRead_MutatedStreams_ThrowNothingElse() => Fuzz(seed: 1, Mutations);

    [Fact]
    [Trait("Category", "Fuzz")]
    [Trait("Category", "Long")]
    public void TryRead_ManyMoreMutatedStreams_ThrowNothingElse() => Fuzz(Environment.TickCount & 0x3FFFFFFF, Mutations * 100);

    [RequiresToolFact("opusdec", "apt-get install opus-tools, which brings libopus")]
    [Trait("Category", "Fuzz")]
    public void Decode_MutatedPackets_ThrowNothingElse()
    {
        var original = Streams.Encode(new() { FrameDuration = TimeSpan.FromMilliseconds(60) }, Signal.ClipAt(16000).AsSpan(16000, 3200), cut: 1920);
        int refused = 0;
        for (int seed = 1; seed <= Mutations / 10; seed++)
        {
            var random = new Random(seed);
            var ogg = Mutate(random, [.. original]);
            using var decoder = new OggOpusDecoder(OpusSampleRates.Supported[random.Next(5)]);
            var pcm = new ArrayBufferWriter<byte>();
            try
            {
                decoder.Decode(ogg, pcm);
            }
            catch (OggOpusException e)
            {
                refused += e.Error == OggOpusError.CodecFailure ? 1 : 0;
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}: {e}");
            }

            Assert.InRange(pcm.WrittenCount, 0, decoder.DurationSamples * 2);
        }

        Assert.True(refused > 0, "No mutation reached the codec.");
    }

    private static byte[] Break(string what)
    {
        var ogg = Streams.Make((2, 1920), (1, 2880), (1, 3800));
        var pages = Streams.PagesOf(ogg);
        byte[] Change(int page, int offset, params ReadOnlySpan<byte> values)
        {
            var span = ogg.AsSpan(pages[page]);
            values.CopyTo(span[offset..]);
            Streams.Seal(span);
            return ogg;
        }

        const int head = OggPageLayout.Header + 1;
        return what switch
        {
            "pattern" => Change(2, 3, (byte)'s'),
            "version" => Change(1, OggPageLayout.Version, 1),
            "checksum" => FlipBit(ogg, pages[3].End.Value - 1),
            "lost page" => [.. ogg[..pages[2].End.Value], .. ogg[pages[4]]],
            "serial" => Change(3, OggPageLayout.Serial, 8),
            "no beginning" => Change(0, OggPageLayout.Flags, 0),
            "second beginning" => Change(3, OggPageLayout.Flags, (byte)OggPageFlags.BeginOfStream),
            "no head" => Change(0, head, (byte)'o'),
            "no tags" => Change(1, head, (byte)'o'),
            "ends in headers" => Change(0, OggPageLayout.Flags, (byte)(OggPageFlags.BeginOfStream | OggPageFlags.EndOfStream)),
            "major version" => Change(0, head + 8, 16),
            "channels" => Change(0, head + 9, 3),
            "family" => Change(0, head + 18, 1),
            "not begun" => Change(3, OggPageLayout.Flags, (byte)OggPageFlags.Continued),
            "no frames" => Change(3, head, 0xFB, 0),
            "empty packet" => Change(2, OggPageLayout.Header, 0, 8),
            "decreases" => Change(3, OggPageLayout.GranulePosition, 0, 1, 0),
            "negative" => Change(2, OggPageLayout.GranulePosition, 0, 0, 0, 0, 0, 0, 0, 0x80),
            "none" => Change(2, OggPageLayout.GranulePosition, [.. Enumerable.Repeat((byte)0xFF, 8)]),
            "after" => [.. ogg, 0],
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
        };
    }

    private static byte[] FlipBit(byte[] bytes, int index)
    {
        bytes[index] ^= 1;
        return bytes;
    }

    private void Fuzz(int seed, int count)
    {
        if (TestSeed.Given is { } given)
        {
            (seed, count) = (given, 1);
        }

        output.WriteLine($"Seeds {seed} to {seed + count - 1}");
        var refused = new int[Enum.GetValues<OggOpusError>().Length];
        int accepted = 0;
        for (int current = seed; current < seed + count; current++)
        {
            try
            {
                var failure = ReadMutated(new Random(current));
                _ = failure is null ? accepted++ : refused[(int)failure.Value]++;
            }
            catch (Exception e) when (e is not OggOpusException)
            {
                Assert.Fail($"MOTIONGATEWAY_SEED={current}: {e}");
            }
        }

        output.WriteLine($"{accepted} accepted; {string.Join(", ", Enum.GetValues<OggOpusError>().Select(error => $"{error} {refused[(int)error]}"))}");
        if (count > 1)
        {
            Assert.True(accepted > count / 100, "Hardly any mutated stream is read to its end.");
            Assert.True(refused.Count(seen => seen > 0) >= 9, "The mutations have become poor.");
        }
    }

    private static OggOpusError? ReadMutated(Random random)
    {
        var ogg = Mutate(random, Streams.Make((random.Next(4), 1920), (random.Next(300 / 2), 2880), (random.Next(3), 3800)));
        var reader = new OggOpusReader();
        try
        {
            long before = 0;
            for (int start = 0; start < ogg.Length;)
            {
                ReadOnlySpan<byte> part = ogg.AsSpan(start, Math.Min(random.Next(1, 500), ogg.Length - start));
                start += part.Length;
                while (reader.TryRead(ref part, out var packet))
                {
                    if (packet.Data.IsEmpty || packet.PlayedSamples < 0 || reader.DurationSamples != before + packet.PlayedSamples)
                    {
                        throw new InvalidOperationException("A packet is empty or counts wrongly.");
                    }

                    before = reader.DurationSamples;
                }

                if (!part.IsEmpty)
                {
                    throw new InvalidOperationException("Bytes were left.");
                }
            }

            reader.Complete();
            return null;
        }
        catch (OggOpusException e)
        {
            return e.Error;
        }
    }

    // Most mutated pages get their right checksum again, or nothing behind it would ever be reached.
    private static byte[] Mutate(Random random, byte[] ogg)
    {
        var pages = Streams.PagesOf(ogg);
        bool isSealed = random.Next(8) != 0;
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            var page = ogg.AsSpan(pages[random.Next(pages.Count)]);
            int place = random.Next(3) == 0 ? random.Next(page.Length) : random.Next(Math.Min(page.Length, 48));
            page[place] = random.Next(3) switch
            {
                0 => (byte)(page[place] ^ (1 << random.Next(8))),
                1 => (byte)random.Next(256),
                _ => (byte)(random.Next(2) * 255),
            };
            if (isSealed)
            {
                Streams.Seal(page);
            }
        }

        return random.Next(16) switch
        {
            0 => ogg[..random.Next(ogg.Length)],
            1 => [.. ogg, .. ogg],
            2 => Without(ogg, pages[random.Next(pages.Count)]),
            3 => [.. ogg[..random.Next(ogg.Length)], .. RandomBytes(random)],
            _ => ogg,
        };
    }

    private static byte[] Without(byte[] ogg, Range page) => [.. ogg[..page.Start.Value], .. ogg[page.End.Value..]];

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(2000)];
        random.NextBytes(bytes);
        return bytes;
    }
}
