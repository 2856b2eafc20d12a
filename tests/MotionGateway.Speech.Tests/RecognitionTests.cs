using MotionGateway.Testing;

namespace MotionGateway.Speech.Tests;

/// <summary>What is no speech is refused by name, and speech never is.</summary>
public sealed class RecognitionTests
{
    private static readonly SpeechEncoding[] Bare = [SpeechEncoding.PcmS16Le, SpeechEncoding.PcmF32Le, SpeechEncoding.MuLaw, SpeechEncoding.ALaw];

    public static TheoryData<string> Names => [.. Impostors.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Decode_AnotherKindAtATurnsStart_IsRefusedByName(string name)
    {
        foreach (var encoding in Bare)
        {
            foreach (int cut in (int[])[1, 2, 7, 100, 100_000])
            {
                using var decoder = new SpeechDecoder(new(encoding, 24000, 1), 24000);
                AssertRefused(name, Assert.Throws<SpeechFormatException>(() => Feed(decoder, Impostors.All[name], cut)));
                Assert.Throws<SpeechFormatException>(() => decoder.Decode(new byte[2]).Length);
                Assert.Throws<SpeechFormatException>(() => decoder.Complete().Length);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Decode_AnotherKindLaterInATurn_IsRefusedByName(string name)
    {
        var random = new Random(3);
        foreach (var encoding in Bare)
        {
            foreach (int cut in (int[])[1, 3, 100_000])
            {
                using var decoder = new SpeechDecoder(new(encoding, 24000, 1), 24000);
                Feed(decoder, Sounds.Encode(encoding, [.. Sounds.Babble(2400, 24000, random).Select(value => value / 32768.0)]), 4800, complete: false);
                AssertRefused(name, Assert.Throws<SpeechFormatException>(() => Feed(decoder, Impostors.All[name], cut)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Decode_AnotherKindInsteadOfAFile_IsRefusedByName(string name)
    {
        foreach (var encoding in (SpeechEncoding[])[SpeechEncoding.Wav, SpeechEncoding.OggOpus])
        {
            if (Impostors.KindOf(name) is "a WAV header" or "an Ogg Opus stream")
            {
                continue;
            }

            foreach (int cut in (int[])[1, 100_000])
            {
                using var decoder = new SpeechDecoder(new(encoding, 0, 0), 24000);
                AssertRefused(name, Assert.Throws<SpeechFormatException>(() => Feed(decoder, Impostors.All[name], cut)));
            }
        }
    }

    [Fact]
    public void Complete_AShortErrorInJson_IsRefused()
    {
        foreach (int cut in (int[])[1, 100])
        {
            using var decoder = new SpeechDecoder(new(SpeechEncoding.PcmS16Le, 24000, 1), 24000);
            Feed(decoder, """{"error":"quota"}"""u8.ToArray(), cut, complete: false);
            Assert.Equal(17, decoder.HeldBytes);
            AssertRefused("JSON text", Assert.Throws<SpeechFormatException>(() => decoder.Complete().Length));
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("RIF")]
    [InlineData("ID3")]
    [InlineData("OggS")]
    [InlineData("data:")]
    [InlineData("AAAA")]
    public void Complete_AnUndecidedBeginning_IsSpeechAfterAll(string text)
    {
        using var decoder = new SpeechDecoder(new(SpeechEncoding.MuLaw, 8000, 1), 8000);
        Assert.True(decoder.Decode(System.Text.Encoding.ASCII.GetBytes(text)).IsEmpty);
        Assert.Equal(text.Length, decoder.HeldBytes);
        Assert.Equal(2 * text.Length, decoder.Complete().Length);
        Assert.Equal(0, decoder.HeldBytes);
        Assert.Equal(0, decoder.DroppedBytes);
    }

    [Fact]
    public void Decode_OrdinaryPcm_IsNeverHeld()
    {
        // Quiet noise around 0, among it each start of a frame header: 20 ms a chunk.
        var random = new Random(9);
        using var decoder = new SpeechDecoder(new(SpeechEncoding.PcmS16Le, 16000, 1), 16000);
        for (int chunk = 0; chunk < 20_000; chunk++)
        {
            var pcm = new short[320];
            for (int index = 0; index < pcm.Length; index++)
            {
                pcm[index] = (short)random.Next(-60, 61);
            }

            pcm[0] = -1;
            Assert.Equal(640, decoder.Decode(Sounds.Bytes(pcm)).Length);
        }
    }

    [Theory]
    [InlineData(SpeechEncoding.MuLaw, 0xFF)]
    [InlineData(SpeechEncoding.MuLaw, 0x7F)]
    [InlineData(SpeechEncoding.ALaw, 0x55)]
    [InlineData(SpeechEncoding.ALaw, 0xD5)]
    [InlineData(SpeechEncoding.PcmS16Le, 0)]
    public void Decode_Silence_IsSpeechAndHardlyHeld(SpeechEncoding encoding, byte value)
    {
        using var decoder = new SpeechDecoder(new(encoding, 8000, 1), 8000);
        for (int chunk = 0; chunk < 200; chunk++)
        {
            decoder.Decode([.. Enumerable.Repeat(value, 160)]);
            Assert.Equal(0, decoder.HeldBytes);
        }
    }

    [Fact]
    public void Decode_QuietBytesThatLineUpAsFrames_AreSpeech()
    {
        // In μ-law hardly a sound; as MP3 four headers of 96 kbit/s at 32 kHz, each where the one before says.
        byte[] frame = [0xFF, 0xFB, 0x7B, 0x7D, .. Enumerable.Repeat((byte)0xFF, 429)];
        byte[] turn = [.. frame, .. frame, .. frame, .. frame];
        Assert.Equal(2 * turn.Length, Decoding.Decode(new(SpeechEncoding.MuLaw, 8000, 1), 8000, turn).Length);
        using var decoder = new SpeechDecoder(new(SpeechEncoding.PcmS16Le, 8000, 1), 8000);
        Assert.Equal("an MP3 stream", Assert.Throws<SpeechFormatException>(() => decoder.Decode(turn).Length).Found);
    }

    [Fact]
    public void Decode_HeldBytes_AreFew()
    {
        // The beginnings of everything, a byte at a time, and after each what begins nothing and continues nothing.
        using var decoder = new SpeechDecoder(new(SpeechEncoding.PcmS16Le, 16000, 1), 16000);
        var random = new Random(4);
        for (int run = 0; run < 300; run++)
        {
            var bytes = Impostors.All.Values.ElementAt(random.Next(Impostors.All.Count));
            foreach (byte value in bytes.AsSpan(0, random.Next(1, 5)))
            {
                decoder.Decode([value]);
                Assert.InRange(decoder.HeldBytes, 0, 4100);
            }

            decoder.Decode([.. Enumerable.Repeat((byte)0x80, 4000)]);
            Assert.InRange(decoder.HeldBytes, 0, 1);
        }
    }

    [Fact]
    public void Decode_AHundredThousandTurns_RefusesNone()
    {
        int seed = TestSeed.GivenOrChance();
        Parallel.For(0, 100_000, run =>
        {
            var random = TestSeed.Of(seed, run);
            var encoding = Bare[random.Next(Bare.Length)];
            var bytes = Turn(encoding, random);
            try
            {
                int expected = bytes.Length / (encoding switch { SpeechEncoding.PcmF32Le => 4, SpeechEncoding.PcmS16Le => 2, _ => 1 });
                Assert.Equal(2 * expected, Decoding.Decode(new(encoding, 16000, 1), 16000, bytes, random).Length);
            }
            catch (SpeechFormatException e)
            {
                Assert.Fail($"seed {seed}, run {run}, {encoding}: {e.Message}");
            }
        });
    }

    private static byte[] Turn(SpeechEncoding encoding, Random random)
    {
        int length = random.Next(1, 1500);
        switch (random.Next(4))
        {
            case 0:
                var noise = new byte[length];
                random.NextBytes(noise);
                return noise;
            case 1:
                // Hardly anything, around an offset that bad microphones have.
                int offset = random.Next(-40, 41);
                return Sounds.Encode(encoding, [.. Enumerable.Range(0, length).Select(_ => (offset + random.Next(-3, 4)) / 32768.0)]);
            case 2:
                return Sounds.Encode(encoding, [.. Sounds.Babble(length, 8000, random, 300).Select(value => value / 32768.0)]);
            default:
                return Sounds.Encode(encoding, [.. Sounds.Babble(length, 16000, random, 30_000).Select(value => value / 32768.0)]);
        }
    }

    private static void Feed(SpeechDecoder decoder, byte[] bytes, int cut, bool complete = true)
    {
        for (int start = 0; start < bytes.Length; start += cut)
        {
            decoder.Decode(bytes.AsSpan(start, Math.Min(cut, bytes.Length - start)));
        }

        if (complete)
        {
            decoder.Complete();
        }
    }

    private static void AssertRefused(string name, SpeechFormatException refusal)
    {
        Assert.Equal(Impostors.KindOf(name), refusal.Found);
        Assert.Equal(SpeechFault.WrongEncoding, refusal.Fault);
        Assert.True(refusal.Remedy.Length > 20 && refusal.Remedy.EndsWith('.'), refusal.Remedy);
        Assert.Contains(refusal.Remedy, refusal.Message, StringComparison.Ordinal);
    }
}
