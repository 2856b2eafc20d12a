using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Viewing;

public sealed class ContiguityTrackerTests
{
    private readonly ContiguityTracker _tracker = new();

    public ContiguityTrackerTests() => Start(1, 0);

    [Fact]
    public void Receive_EachSequenceOnce_IsContiguous()
    {
        Receive(1, 1);
        Receive(1, 2);

        Assert.True(_tracker.IsContiguous);
        Assert.Equal(2, _tracker.LastSequence);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Receive_RepeatOrGap_IsNotContiguous(long next)
    {
        Receive(1, 1);
        Receive(1, next);

        Assert.False(_tracker.IsContiguous);
    }

    [Fact]
    public void Skip_TheGap_IsContiguous()
    {
        Receive(1, 1);
        Skip(2, 4);
        Receive(1, 5);

        Assert.True(_tracker.IsContiguous);
        Assert.Equal(3, _tracker.DeclaredSequences);
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(1, 4)]
    [InlineData(2, 1)]
    public void Skip_AnotherRangeThanTheGap_IsNotContiguous(long from, long through)
    {
        Receive(1, 1);
        Skip(from, through);

        Assert.False(_tracker.IsContiguous);
    }

    [Fact]
    public void Receive_EndThatDeclaresTheGapVoid_IsContiguous()
    {
        Receive(1, 1);
        Receive(1, 2);
        End(9, "t", 2, 8);

        Assert.True(_tracker.IsContiguous);
    }

    [Fact]
    public void Receive_EndThatDeclaresPartOfTheGap_IsNotContiguous()
    {
        Receive(1, 1);
        End(9, "t", 4, 8);

        Assert.False(_tracker.IsContiguous);
    }

    [Fact]
    public void Receive_PayloadOfAnEndedTurn_IsNotContiguous()
    {
        End(1, "t", 0, 0);
        Receive(1, 2, "t");

        Assert.False(_tracker.IsContiguous);
    }

    [Fact]
    public void Receive_LowerEpoch_IsDropped()
    {
        Start(2, 0, isAnew: true);

        Assert.False(_tracker.Receive(new Payload { Epoch = 1, Sequence = 7 }));
        Assert.True(_tracker.IsContiguous);
    }

    [Fact]
    public void Receive_HigherEpochWithoutStart_IsNotContiguous()
    {
        Receive(2, 1);

        Assert.False(_tracker.IsContiguous);
    }

    [Fact]
    public void Start_Resumed_MustGoOnAtTheLastPosition()
    {
        Receive(1, 1);
        Start(1, 1);
        Receive(1, 2);
        Assert.True(_tracker.IsContiguous);

        Start(1, 1);
        Assert.False(_tracker.IsContiguous);
    }

    private void Start(uint epoch, long sequence, bool isAnew = false) =>
        _tracker.Start(new Position { Epoch = epoch, Sequence = sequence }, isAnew);

    private void Receive(uint epoch, long sequence, string turnId = "") =>
        _tracker.Receive(new Payload { Epoch = epoch, Sequence = sequence, TurnId = turnId, Audio = new V1.Audio() });

    private void Skip(long from, long through) =>
        _tracker.Skip(new SequenceSkipped { Epoch = 1, Range = new SequenceRange { From = from, Through = through } });

    private void End(long sequence, string turnId, long from, long through)
    {
        var ended = new TurnEnded { Discarded = from == 0 ? null : new SequenceRange { From = from, Through = through } };
        _tracker.Receive(new Payload { Epoch = 1, Sequence = sequence, TurnId = turnId, TurnEnded = ended });
    }
}
