using MotionGateway.Sessions.Tests.Checker;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests;

public sealed class SessionCoreAudioTests
{
    private readonly CoreFixture _f = new(limits: new SessionLimits { MaxTurn = TimeSpan.FromSeconds(5), MaxWaitingTurns = 2, MaxChunkBytes = 50_000 });

    [Fact]
    public void WriteAudio_Names_OpenOrNewTurnOrRefusal()
    {
        _f.Say("", 10);
        _f.Say("", 10, end: true);
        _f.Say("a", 10);
        _f.Say("", 10);

        Assert.Equal(["turn-1", "a"], _f.Core.LatestTurns.Select(turn => turn.Id));
        Assert.Equal(320, _f.Turn("a").ReceivedBytes);
        Assert.Equal(ErrorReason.InvalidRequest, _f.Refusal(() => _f.Say("b", 10)));
        Assert.Equal(ErrorReason.TurnNotOpen, _f.Refusal(() => _f.Say("turn-1", 10)));
        _f.Core.EndTurn("a");
        Assert.Equal(ErrorReason.TurnNotOpen, _f.Refusal(() => _f.Core.EndTurn("")));
        Assert.Equal(ErrorReason.TurnNotOpen, _f.Refusal(() => _f.Core.EndTurn("b")));
    }

    [Fact]
    public void WriteAudio_GeneratedNameIsTaken_AnotherIsMade()
    {
        _f.Say("turn-2", 10, end: true);
        _f.Say("", 10, end: true);

        Assert.Equal(["turn-2", "turn-2-2"], _f.Core.LatestTurns.Select(turn => turn.Id));
    }

    [Fact]
    public void WriteAudio_AnyCut_CarriesTheOddByte()
    {
        foreach (int cut in Enumerable.Range(1, 7))
        {
            var f = new CoreFixture();
            byte[] speech = [1, 2, 3, 4, 5, 6, 7, 8];
            f.Core.WriteAudio("a", speech.AsMemory(0, cut), false);
            f.Core.WriteAudio("a", speech.AsMemory(cut), false);
            f.Core.EndTurn("a");

            Assert.Equal(4, f.Turn("a").Samples);
            Assert.Equal(8, f.Effects.Where(effect => effect.Kind == EffectKind.Send).Sum(effect => effect.Number));
        }
    }

    [Fact]
    public void EndTurn_OddTotal_IsRefusedUntilTheByteComes()
    {
        _f.Core.WriteAudio("a", new byte[] { 1, 2, 3 }, false);

        Assert.Equal(ErrorReason.OddAudioLength, _f.Refusal(() => _f.Core.EndTurn("a")));
        Assert.Equal(ErrorReason.OddAudioLength, _f.Refusal(() => _f.Core.WriteAudio("", new byte[2], true)));
        _f.Core.WriteAudio("a", new byte[] { 4 }, true);
        Assert.Equal(2, _f.Turn("a").Samples);
    }

    [Theory]
    [InlineData("RIFF")]
    [InlineData("OggS")]
    [InlineData("fLaC")]
    [InlineData("ID3")]
    public void WriteAudio_ContainerHeaderCutAnywhere_IsRefused(string header)
    {
        byte[] bytes = [.. header.Select(c => (byte)c), 9, 9];
        for (int cut = 0; cut < header.Length; cut++)
        {
            var f = new CoreFixture();
            if (cut > 0)
            {
                f.Core.WriteAudio("", bytes.AsMemory(0, cut), false);
            }

            Assert.Equal(ErrorReason.AudioHasHeader, f.Refusal(() => f.Core.WriteAudio("", bytes.AsMemory(cut), false)));
        }

        _f.Core.WriteAudio("", new byte[] { 0, 0 }, false);
        _f.Core.WriteAudio("", bytes, false);
    }

    [Fact]
    public void WriteAudio_EmptyTooLargeTooLongTooMany_IsRefused()
    {
        Assert.Equal(ErrorReason.InvalidRequest, _f.Refusal(() => _f.Say("", 0)));
        Assert.Equal(ErrorReason.ChunkTooLarge, _f.Refusal(() => _f.Say("", 4000)));
        _f.Say("a", 3000);
        Assert.Equal(ErrorReason.InvalidRequest, _f.Refusal(() => _f.Say("a", 0)));
        Assert.Equal(ErrorReason.TurnTooLong, _f.Refusal(() => _f.Say("a", 2001)));
        _f.Say("a", 2000, end: true);
        _f.Say("b", 1, end: true);
        _f.Say("c", 1, end: true);
        Assert.Equal(ErrorReason.TooManyTurns, _f.Refusal(() => _f.Say("d", 1)));
    }

    [Fact]
    public void WriteAudio_BeyondTheCredit_IsRefusedUntilAcknowledged()
    {
        var f = new CoreFixture(limits: new SessionLimits { AudioCreditBytes = 3200 });
        f.Say("a", 200);
        Assert.Equal(ErrorReason.AudioCreditExceeded, f.Refusal(() => f.Say("a", 1)));

        f.Sent("a", 1600);

        Assert.Contains(new Effect(EffectKind.Acknowledge, "a", 1600), f.Effects);
        f.Say("a", 100);
        Assert.Equal(ErrorReason.AudioCreditExceeded, f.Refusal(() => f.Say("a", 1)));
    }

    [Fact]
    public void Interrupt_LateAudio_IsDiscardedUpToTheEndOfTheTurn()
    {
        _f.Say("", 100);
        _f.Core.Interrupt("", "stop");
        _f.Effects.Clear();

        _f.Say("", 10);
        _f.Say("turn-1", 10);
        _f.Core.EndTurn("");
        _f.Say("turn-1", 10);
        _f.Say("", 10);

        Assert.Equal(["turn-1", "turn-2"], _f.Core.LatestTurns.Select(turn => turn.Id));
        Assert.Equal([160, 320, 480], _f.Effects.Where(effect => effect.Kind == EffectKind.Acknowledge).Select(effect => effect.Second));
        Assert.Equal(2080, _f.Turn("turn-1").AcknowledgedBytes);
    }

    [Fact]
    public void Interrupt_AudioComplete_UnnamedAudioBeginsANewTurn()
    {
        _f.Say("a", 100, end: true);
        _f.Core.Interrupt("a", "stop");
        _f.Say("", 10);
        _f.Say("a", 10);

        Assert.Equal("turn-2", _f.Core.OpenTurn!.Id);
        Assert.Equal(160, _f.Turn("a").DiscardedBytes);
    }

    [Fact]
    public void WriteAudio_AfterACompletedOrAudioOnlyTurn_IsRefused()
    {
        _f.SayWhole("a", 40);
        _f.Say("b", 40, end: true);
        _f.Pass(20_000);

        Assert.Equal(TurnOutcome.Completed, _f.Turn("a").Outcome);
        Assert.Equal(TurnOutcome.AudioOnly, _f.Turn("b").Outcome);
        Assert.Equal(ErrorReason.TurnNotOpen, _f.Refusal(() => _f.Say("a", 10)));
        Assert.Equal(ErrorReason.TurnNotOpen, _f.Refusal(() => _f.Say("b", 10)));
    }
}
