using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Ledger;

public sealed class SpeakerLedgerTests
{
    private readonly SpeakerLedger _ledger = new();

    [Fact]
    public void TryRead_AnyPosition_TellsAllThatCameAfterIt()
    {
        _ledger.Acknowledge("a", 10, 0);
        _ledger.Report(new TurnReport { TurnId = "a" });
        _ledger.Fail(new MotionServerFailure { TurnId = "b" });

        Assert.Equal([1, 2, 3], Positions(after: 0));
        Assert.Equal([3], Positions(after: 2));
        Assert.Empty(Positions(after: 3));
        Assert.Empty(Positions(after: 99));
    }

    [Fact]
    public void Acknowledge_Again_ReplacesWhatWasToldBefore()
    {
        _ledger.Acknowledge("a", 10, 0);
        _ledger.Acknowledge("b", 20, 0);
        _ledger.Acknowledge("a", 30, 5);

        Assert.Equal([2, 3], Positions(after: 0));
        Assert.True(_ledger.TryRead(2, out var response));
        Assert.Equal(("a", 30, 5), (response.AudioAcknowledged.TurnId, response.AudioAcknowledged.Bytes, response.AudioAcknowledged.DiscardedBytes));
    }

    [Theory]
    [InlineData(1023, 1)]
    [InlineData(1024, 1)]
    [InlineData(1025, 2)]
    public void Entries_WithinAtBeyondTheBound_OldestLeave(int entries, long first)
    {
        for (int i = 0; i < entries; i++)
        {
            _ledger.Report(new TurnReport());
        }

        Assert.Equal(first, Positions(after: 0)[0]);
        Assert.Equal(entries, _ledger.Position);
    }

    [Fact]
    public void Acknowledge_OldOneHasLeft_IsToldAnew()
    {
        _ledger.Acknowledge("a", 10, 0);
        for (int i = 0; i < 1024; i++)
        {
            _ledger.Report(new TurnReport());
        }

        _ledger.Acknowledge("a", 20, 0);
        Assert.Equal(1026, Positions(after: 1025).Single());
    }

    [Fact]
    public void Entry_ThatWasRead_IsNeverChanged()
    {
        _ledger.Acknowledge("a", 10, 0);
        Assert.True(_ledger.TryRead(0, out var before));
        _ledger.Acknowledge("a", 20, 0);

        Assert.Equal((1, 10), (before.LedgerPosition, before.AudioAcknowledged.Bytes));
    }

    private List<long> Positions(long after)
    {
        List<long> positions = [];
        while (_ledger.TryRead(after, out var response))
        {
            positions.Add(after = response.LedgerPosition);
        }

        return positions;
    }
}
