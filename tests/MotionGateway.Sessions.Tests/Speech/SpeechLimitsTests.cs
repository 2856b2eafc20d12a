using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Speech;

/// <summary>Every limit on speech: within, at, beyond. A refused chunk is the end of its turn, not of the call.</summary>
public sealed class SpeechLimitsTests
{
    private static readonly SessionLimits Limits = new() { MaxTurn = TimeSpan.FromSeconds(5), MaxWaitingTurns = 2, MaxChunkBytes = 50_000 };

    private readonly CoreFixture _f = new(limits: Limits);

    [Theory]
    [InlineData(49_999, false)]
    [InlineData(50_000, false)]
    [InlineData(50_001, true)]
    public void MaxChunkBytes_WithinAtBeyond(int bytes, bool isRefused) => Expect(bytes, isRefused, ErrorReason.ChunkTooLarge);

    [Theory]
    [InlineData(29_998, false)]
    [InlineData(30_000, false)]
    [InlineData(30_001, false)]
    [InlineData(30_002, true)]
    public void MaxTurn_WithinAtBeyond(int bytes, bool isRefused)
    {
        _f.SayBytes("a", 50_000);
        Expect(bytes, isRefused, ErrorReason.TurnTooLong);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void MaxWaitingTurns_AtBeyond(int waiting, bool isRefused)
    {
        _f.Say("plays", 100, end: true);
        for (int i = 1; i < waiting; i++)
        {
            _f.Say($"waits-{i}", 10, end: true);
        }

        Expect(160, isRefused, ErrorReason.TooManyTurns);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Say_WaitingTurns_AtBeyond(int waiting, bool isRefused)
    {
        for (int i = 0; i < waiting; i++)
        {
            _f.Say($"turn-{i}", 100, end: true);
        }

        if (isRefused)
        {
            Assert.Equal(ErrorReason.TooManyTurns, CoreFixture.Refusal(() => _f.Core.Say("tone", new byte[16])));
        }
        else
        {
            _f.Core.Say("tone", new byte[16]);
        }
    }

    [Theory]
    [InlineData(3199, false)]
    [InlineData(3200, false)]
    [InlineData(3201, true)]
    public void Credit_Refuse_WithinAtBeyond(int bytes, bool isRefused)
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { RefuseBeyondCredit = true }, credit: () => 4800);
        f.Say("a", 100);
        if (isRefused)
        {
            Assert.Equal(ErrorReason.AudioCreditExceeded, CoreFixture.Refusal(() => f.SayBytes("a", bytes)));
        }
        else
        {
            f.SayBytes("a", bytes);
        }
    }

    [Fact]
    public void Credit_Refuse_IsFreeAgainWhenHandled()
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { RefuseBeyondCredit = true }, credit: () => 4800);
        f.SayBytes("a", 4800);
        Assert.Equal(ErrorReason.AudioCreditExceeded, CoreFixture.Refusal(() => f.SayBytes("b", 1)));
        f.Send();

        f.SayBytes("a", 4800);
        Assert.Equal("b 1-1; a 4800-0", f.Told());
    }

    [Fact]
    public void Credit_Wait_NothingIsRefused()
    {
        var f = new CoreFixture(credit: () => 4800);
        f.SayBytes("a", 48_000);
        f.SayBytes("b", 48_000);

        Assert.Equal(96_000, f.Core.Intake.UnacknowledgedBytes);
    }

    [Fact]
    public void Refused_TurnPlaysWhatWasTakenAndFailsWithThatReason()
    {
        _f.Say("a", 80);
        _f.Send();
        Assert.Equal("a 1280-0", _f.Told());
        Assert.Equal(ErrorReason.ChunkTooLarge, CoreFixture.Refusal(() => _f.SayBytes("a", 60_000)));
        Assert.Equal("a 61280-60000", _f.Told());
        _f.Core.WriteAudio("a", new byte[160], endTurn: true);
        Assert.Equal("a 61440-60160", _f.Told());
        _f.Move("a", 2, end: true);
        _f.Pass(80);

        Assert.Equal("a start; a audio 0+80; a audio 80+0 last; a motion 0+2 last; a seal; a Failed ChunkTooLarge at 80", _f.Shown());
    }

    [Fact]
    public void Refused_NothingWasTaken_TurnHasItsStartAndItsEnd()
    {
        Assert.Equal(ErrorReason.ChunkTooLarge, CoreFixture.Refusal(() => _f.SayBytes("a", 60_000)));

        Assert.Equal("a start; a Failed ChunkTooLarge at 0", _f.Shown());
        Assert.Equal("a 60000-60000", _f.Told().Split("; ")[^1]);
        Assert.Equal(0, _f.Core.Intake.UnacknowledgedBytes);
    }

    [Fact]
    public void Refused_TurnWithoutAName_RestIsDiscardedUpToItsEnd()
    {
        _f.Core.WriteAudio("", new byte[160], endTurn: false);
        Assert.Equal(ErrorReason.ChunkTooLarge, CoreFixture.Refusal(() => _f.Core.WriteAudio("", new byte[60_000], endTurn: false)));
        _f.Core.WriteAudio("", new byte[320], endTurn: false);
        _f.Core.EndTurn("");
        _f.Core.WriteAudio("", new byte[160], endTurn: true);

        Assert.Equal(["turn-1", "turn-2"], _f.Core.Turns.Active.Select(turn => turn.Id));
        Assert.Equal(60_320, _f.Turn("turn-1").DiscardedBytes);
    }

    [Fact]
    public void Refused_ChunkThatEndsTheTurn_NextAudioBeginsAnother()
    {
        _f.Core.WriteAudio("", new byte[160], endTurn: false);
        Assert.Equal(ErrorReason.ChunkTooLarge, CoreFixture.Refusal(() => _f.Core.WriteAudio("", new byte[60_000], endTurn: true)));
        _f.Core.WriteAudio("", new byte[160], endTurn: true);

        Assert.Equal(["turn-1", "turn-2"], _f.Core.Turns.Active.Select(turn => turn.Id));
    }

    [Fact]
    public void Refused_OtherTurnsGoOn()
    {
        _f.Say("a", 80);
        _f.Say("b", 80);
        Assert.Equal(ErrorReason.ChunkTooLarge, CoreFixture.Refusal(() => _f.SayBytes("b", 60_000)));
        _f.Say("a", 40, end: true);
        _f.Move("a", 3, end: true);
        _f.Pass(120);

        Assert.Equal(TurnOutcome.Completed, _f.Ended.Single().Outcome);
    }

    private void Expect(int bytes, bool isRefused, ErrorReason reason)
    {
        if (isRefused)
        {
            Assert.Equal(reason, CoreFixture.Refusal(() => _f.SayBytes("a", bytes)));
        }
        else
        {
            _f.SayBytes("a", bytes);
        }
    }
}
