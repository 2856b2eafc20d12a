namespace MotionGateway.Sessions.Tests.Speech;

public sealed class VoidTurnsTests
{
    private readonly VoidTurns _void = new();

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Add_WithinAtBeyond256_TheLatestAreRemembered(int names, bool isFirstRemembered)
    {
        for (int i = 0; i < names; i++)
        {
            _void.Add($"t{i}");
            _void.Add($"t{i}");
        }

        Assert.Equal(isFirstRemembered, _void.TryDiscard("t0", 1, out _));
        Assert.True(_void.TryDiscard($"t{names - 1}", 1, out _));
    }

    [Fact]
    public void TryDiscard_CountsTheBytesOfEachName()
    {
        _void.Add("a");
        _void.Add("b");
        Assert.True(_void.TryDiscard("a", 10, out long first));
        Assert.True(_void.TryDiscard("a", 5, out long second));
        Assert.True(_void.TryDiscard("b", 7, out long other));
        Assert.False(_void.TryDiscard("c", 3, out long none));

        Assert.Equal((10, 15, 7, 3), (first, second, other, none));
    }
}
