using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Harmless slips of a caller's parts that race each other: they do nothing, are acknowledged, and what comes next is spoken.</summary>
public sealed class SlipTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private readonly byte[] _pcm = Speech.Create(Rate, Rate / 2);
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
    }

    public async Task DisposeAsync()
    {
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("named")]
    public async Task EmptyChunk_BeforeTheFirstAudio_DoesNothing(string name)
    {
        await _speaker.SendAudioAsync([], name);
        await _speaker.AcknowledgedAsync(name, 0);

        await _speaker.SayAsync(_pcm, name);

        await AssertSpokenAsync(name.Length > 0 ? name : "turn-1", _pcm);
        Assert.Single(_speaker.Received.Payloads().Started());
    }

    [Theory]
    [InlineData("")]
    [InlineData("named")]
    public async Task EmptyChunk_WithinATurn_DoesNothing(string name)
    {
        await _speaker.SendAudioAsync(_pcm[..3201], name);
        await _speaker.SendAudioAsync([], name);
        await _speaker.SendAudioAsync(_pcm[3201..], name);
        await _speaker.SendAudioAsync([], name, end: true);

        await AssertSpokenAsync(name.Length > 0 ? name : "turn-1", _pcm);
    }

    [Fact]
    public async Task EmptyChunk_BetweenTurns_BeginsNone()
    {
        await _speaker.SayAsync(_pcm);
        await _speaker.SendAudioAsync([]);
        await _speaker.SayAsync(_pcm);
        await _speaker.SendAudioAsync([], "turn-1");

        await AssertSpokenAsync("turn-2", _pcm);
        Assert.Equal(["turn-1", "turn-2"], _speaker.Received.Payloads().Started());
    }

    [Theory]
    [InlineData("")]
    [InlineData("never-begun")]
    public async Task EndTurn_OfATurnThatHadNoAudio_IsAcknowledged(string name)
    {
        await _speaker.EndTurnAsync(name);
        await _speaker.AcknowledgedAsync(name, 0);
        await _speaker.SendAudioAsync([], name, end: true);

        await _speaker.SayAsync(_pcm, "next");

        await AssertSpokenAsync("next", _pcm);
        Assert.Equal(["next"], _speaker.Received.Payloads().Started());
    }

    [Fact]
    public async Task EndTurn_Twice_DoesNothingTheSecondTime()
    {
        await _speaker.SayAsync(_pcm, "one");
        await _speaker.EndTurnAsync("one");
        await _speaker.EndTurnAsync();
        await AssertSpokenAsync("one", _pcm);

        await _speaker.EndTurnAsync("one");
        await _speaker.SayAsync(_pcm, "two");

        await AssertSpokenAsync("two", _pcm);
    }

    [Fact]
    public async Task Audio_AfterTheEndOfItsTurn_IsDiscardedAndAcknowledgedAsSuch()
    {
        await _speaker.SayAsync(_pcm, "reply");
        await _speaker.SendAudioAsync(_pcm[..4800], "reply");
        var whilePlaying = await _speaker.AcknowledgedAsync("reply", _pcm.Length + 4800);
        await _speaker.TurnEndedAsync("reply");
        await _speaker.SendAudioAsync(_pcm[..1600], "reply", end: true);
        var longOver = await _speaker.AcknowledgedAsync("reply", _pcm.Length + 6400);

        await _speaker.SayAsync(_pcm, "next");

        Assert.Equal((4800L, 6400L), (whilePlaying.DiscardedBytes, longOver.DiscardedBytes));
        await AssertSpokenAsync("reply", _pcm);
        await AssertSpokenAsync("next", _pcm);
    }

    [Fact]
    public async Task Audio_UnnamedAfterTheEnd_IsANewTurn()
    {
        await _speaker.SayAsync(_pcm);
        await _speaker.SendAudioAsync(_pcm[..4800]);
        await _speaker.SayAsync(_pcm, "next");

        await AssertSpokenAsync("turn-1", _pcm);
        await AssertSpokenAsync("turn-2", _pcm[..4800]);
        await AssertSpokenAsync("next", _pcm);
    }

    [Fact]
    public async Task Audio_OfATurnThatWasEndedBeforeItsFirstAudio_IsDiscarded()
    {
        await _speaker.EndTurnAsync("late");
        await _speaker.SendAudioAsync(_pcm, "late");
        var acknowledged = await _speaker.AcknowledgedAsync("late", _pcm.Length);

        await _speaker.SayAsync(_pcm, "next");

        Assert.Equal(_pcm.Length, acknowledged.DiscardedBytes);
        await AssertSpokenAsync("next", _pcm);
        Assert.Equal(["next"], _speaker.Received.Payloads().Started());
    }

    [Fact]
    public async Task ANewName_EndsAnOpenTurnThatHasNone()
    {
        await _speaker.SendAudioAsync(_pcm);
        await _speaker.SayAsync(_pcm, "named");

        await AssertSpokenAsync("turn-1", _pcm);
        await AssertSpokenAsync("named", _pcm);
    }

    [Fact]
    public async Task SeveralOpenTurns_AreSpokenInTheOrderOfTheirFirstAudio()
    {
        await _speaker.SendAudioAsync(_pcm[..8000], "one");
        await _speaker.SendAudioAsync(_pcm[..8000], "two");
        await _speaker.SendAudioAsync(_pcm[8000..], "two", end: true);
        await _speaker.SendAudioAsync(_pcm[8000..], "one", end: true);

        await AssertSpokenAsync("two", _pcm);
        await AssertSpokenAsync("one", _pcm);
        Assert.Equal(["one", "two"], _speaker.Received.Payloads().Started());
    }

    [Theory]
    [InlineData(22050)]
    [InlineData(24000)]
    [InlineData(44100)]
    public async Task Audio_CutAnywhere_IsTheSameSpeech(int rate)
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, open => open.AudioFormat.SampleRate = rate);
        byte[] pcm = Speech.Create(rate, rate / 2);
        int[] sizes = [1, 1697, 4063, 1, 1, 3, 8191];
        for (int at = 0, i = 0; at < pcm.Length; i++)
        {
            int size = Math.Min(sizes[i % sizes.Length], pcm.Length - at);
            await speaker.SendAudioAsync(pcm[at..(at + size)]);
            at += size;
        }

        await speaker.EndTurnAsync();
        await speaker.TurnEndedAsync("turn-1");

        FeedAssert.Whole(speaker.Received.Payloads(), "turn-1", pcm, rate);
    }

    [Theory]
    [InlineData("with the last chunk")]
    [InlineData("end_turn")]
    [InlineData("half-close")]
    public async Task StrayByte_AtATurnsEnd_IsDroppedAndTold(string how)
    {
        await _speaker.SendAudioAsync(_pcm[..3201], "odd");
        await _speaker.SendAudioAsync([.. _pcm[3201..], 1], "odd", end: how == "with the last chunk");
        await (how switch
        {
            "end_turn" => _speaker.EndTurnAsync("odd"),
            "half-close" => _speaker.FinishAsync(),
            _ => Task.CompletedTask,
        });

        var report = await _speaker.TurnReportAsync("odd");

        Assert.Equal((TurnOutcome.Completed, 1, _pcm.Length / 2), (report.Outcome, report.DroppedBytes, report.SampleCount));
        var acknowledged = _speaker.Received.Last(response => response.AudioAcknowledged is not null).AudioAcknowledged;
        Assert.Equal((_pcm.Length + 1, 1), (acknowledged.Bytes, acknowledged.DiscardedBytes));
        await AssertSpokenAsync("odd", _pcm);
    }

    [Fact]
    public async Task ATurnOfOneByte_HasAnEnd()
    {
        await _speaker.SendAudioAsync([1], "byte", end: true);

        var report = await _speaker.TurnReportAsync("byte");

        Assert.Equal((TurnOutcome.Completed, 1, 0L), (report.Outcome, report.DroppedBytes, report.SampleCount));
        await _speaker.SayAsync(_pcm, "next");
        await AssertSpokenAsync("next", _pcm);
    }

    private async Task AssertSpokenAsync(string turnId, byte[] pcm)
    {
        await _speaker.TurnEndedAsync(turnId);
        FeedAssert.Whole(_speaker.Received.Payloads(), turnId, pcm, Rate);
    }
}
