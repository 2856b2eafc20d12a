using MotionGateway.Feeds;

namespace MotionGateway.Sessions.Tests.Speech;

public sealed class KeptSpeechTests
{
    private const int Slab = 32 * 1024;

    private readonly KeptSpeech _speech = new(new SlabPool(isPoisoning: true));

    [Theory]
    [InlineData(2)]
    [InlineData(14)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public void Read_SamplesCutAnywhere_AreTheSameFromAnyPlace(int chunk)
    {
        byte[] bytes = CoreFixture.Speech("a", 150_000);
        for (int at = 0; at < bytes.Length; at += chunk)
        {
            _speech.Append(bytes.AsSpan(at, Math.Min(chunk, bytes.Length - at)));
        }

        Assert.Equal(75_000, _speech.Samples);
        foreach (int from in new[] { 0, 1, 8_191, 8_192, 32_767, 32_768, 74_999, 75_000 })
        {
            Assert.Equal(bytes[(from * 2)..], ReadAll(from));
        }
    }

    [Fact]
    public void Trim_KeepsWhatIsNeededAndLetsGoOfTheRest()
    {
        byte[] bytes = CoreFixture.Speech("a", 10 * Slab);
        _speech.Append(bytes);
        Assert.Equal(10 * Slab, _speech.HeldBytes);
        _speech.TrimBefore(Slab / 2 - 1);
        Assert.Equal(10 * Slab, _speech.HeldBytes);
        _speech.TrimBefore(Slab / 2);
        Assert.Equal((9 * Slab, Slab / 2), (_speech.HeldBytes, _speech.FirstKept));
        _speech.TrimBefore(0);
        Assert.Equal(bytes[Slab..], ReadAll(Slab / 2));
        _speech.TrimBefore(long.MaxValue);
        Assert.Equal((0, 5L * Slab), (_speech.HeldBytes, _speech.Samples));
        _speech.Append([1, 2, 3, 4]);
        Assert.Equal([1, 2, 3, 4], ReadAll(5 * Slab));
    }

    [Fact]
    public void Clear_HoldsNothingAndStillCounts()
    {
        _speech.Append(new byte[Slab + 2]);
        _speech.Clear();

        Assert.Equal((0, (Slab / 2) + 1), (_speech.HeldBytes, _speech.Samples));
    }

    [Fact]
    public void AreSame_ComparesAcrossSlabs()
    {
        byte[] second = CoreFixture.Speech("a", 30_000);
        _speech.Append(second);
        _speech.Append(second);
        _speech.Append([1, 2]);

        Assert.True(_speech.AreSame(0, 15_000, 15_000));
        Assert.False(_speech.AreSame(0, 15_000, 15_001));
        Assert.False(_speech.AreSame(1, 15_000, 100));
        _speech.TrimBefore(Slab / 2);
        Assert.False(_speech.AreSame(0, 15_000, 15_000));
    }

    private byte[] ReadAll(long from)
    {
        List<byte> all = [];
        while (from < _speech.Samples)
        {
            var piece = _speech.Read(from, 5000);
            Assert.InRange(piece.Length, 2, 10_000);
            all.AddRange(piece.Memory.ToArray());
            from += piece.Length / 2;
        }

        Assert.Equal(0, _speech.Read(_speech.Samples, 10).Length);
        return [.. all];
    }
}
