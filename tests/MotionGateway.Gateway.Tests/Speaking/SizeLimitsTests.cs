using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Bounds of sizes, numbers and texts: what is within and at them is taken, what is beyond is refused, and the call goes on.</summary>
public sealed class SizeLimitsTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private readonly byte[] _pcm = Speech.Create(Rate, Rate / 4);
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(options => options.Limits = options.Limits with
        {
            MaxChunkBytes = 20_000,
            MaxTurn = TimeSpan.FromSeconds(1),
            MaxWaitingTurns = 3,
        });
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
    }

    public async Task DisposeAsync()
    {
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task MaxChunkBytes_AChunkOfSoMany_IsTaken()
    {
        byte[] pcm = Speech.Create(Rate, 10_000);
        await _speaker.SendAudioAsync(pcm, "most", end: true);
        await _speaker.TurnEndedAsync("most");

        FeedAssert.Whole(_speaker.Received.Payloads(), "most", pcm, Rate);
    }

    [Fact]
    public async Task MaxChunkBytes_AByteMore_IsRefusedWithItsTurn()
    {
        await _speaker.SendAudioAsync(_pcm, "more");
        await _speaker.SendAudioAsync(new byte[20_001], "more");

        await AssertTurnFailsAsync("more", ErrorReason.ChunkTooLarge, "audio.data", _pcm, refusedBytes: 20_001);
    }

    [Fact]
    public async Task MaxTurn_ATurnOfThatLength_IsTaken()
    {
        byte[] pcm = Speech.Create(Rate, Rate);
        await _speaker.SayAsync(pcm, "longest");
        await _speaker.TurnEndedAsync("longest");

        FeedAssert.Whole(_speaker.Received.Payloads(), "longest", pcm, Rate);
    }

    [Fact]
    public async Task MaxTurn_ASampleMore_IsRefusedWithItsTurn()
    {
        byte[] pcm = Speech.Create(Rate, Rate);
        await _speaker.SendAudioAsync(pcm[..16000], "longer");
        await _speaker.SendAudioAsync(pcm[16000..], "longer");
        await _speaker.SendAudioAsync([1, 2], "longer");

        await AssertTurnFailsAsync("longer", ErrorReason.TurnTooLong, "audio.data", pcm, refusedBytes: 2);
    }

    [Fact]
    public async Task MaxWaitingTurns_SoManyBehindTheOneThatPlays_AreTaken()
    {
        string[] turns = ["plays", "waits-1", "waits-2", "waits-3"];
        foreach (string turn in turns)
        {
            await _speaker.SendAudioAsync(_pcm, turn, end: true);
        }

        await _speaker.TurnEndedAsync(turns[^1]);

        Assert.All(turns, turn => FeedAssert.Whole(_speaker.Received.Payloads(), turn, _pcm, Rate));
    }

    [Fact]
    public async Task MaxWaitingTurns_OneMore_IsRefusedAndHasAStartAndAnEnd()
    {
        foreach (string turn in (string[])["plays", "waits-1", "waits-2", "waits-3", "too-many"])
        {
            await _speaker.SendAudioAsync(_pcm, turn, end: true);
        }

        var refused = (await _speaker.WaitForAsync(response => response.Refused is not null)).Refused;
        var ended = await _speaker.TurnEndedAsync("too-many");
        await _speaker.TurnEndedAsync("waits-3");

        Assert.Equal((ErrorReason.TooManyTurns, "audio.turn_id", "too-many"), (refused.Reason, refused.Field, refused.TurnId));
        Assert.Equal((TurnOutcome.Failed, ErrorReason.TooManyTurns), (ended.Outcome, ended.Error));
        Assert.Contains("too-many", _speaker.Received.Payloads().Started());
        Assert.Equal(_pcm.Length, (await _speaker.AcknowledgedAsync("too-many", _pcm.Length)).DiscardedBytes);
        Assert.Equal(4, _speaker.Received.Payloads().Ended().Count(end => end.Outcome == TurnOutcome.Completed));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task MaxNameBytes_OfATurn_IsTheBound(int length, bool isTaken)
    {
        string name = new('t', length);
        await _speaker.SendAudioAsync(_pcm, name, end: true);

        await AssertAsync(isTaken, "audio.turn_id", () => _speaker.TurnEndedAsync(name));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    public async Task ATurnsName_OfOtherCharacters_IsRefusedAndNotToldBack(string name)
    {
        await _speaker.SendAudioAsync(_pcm, name);
        var refused = (await _speaker.WaitForAsync(response => response.Refused is not null)).Refused;

        Assert.Equal((ErrorReason.InvalidRequest, "audio.turn_id", ""), (refused.Reason, refused.Field, refused.TurnId));
    }

    [Fact]
    public async Task AViewerMessage_WhileTheLogIsFullOfWhatIsNotHeard_IsRefusedAndTheCallGoesOn()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.Limits = options.Limits with
        {
            Log = options.Limits.Log with { MaxBytes = 1_200_000 },
        });
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        await speaker.SendAudioAsync(Speech.Create(Rate, Rate), "held", end: true);
        await speaker.WaitForAsync(response => response.Payload?.TurnSealed is not null);
        await speaker.SendAsync(new SpeakRequest { PausePlayback = new PausePlayback() });
        for (int i = 0; i < 160; i++)
        {
            await speaker.SendAsync(new SpeakRequest { ViewerMessage = new ViewerMessage { Kind = "k", Text = new('t', 16_384) } });
        }

        var refused = (await speaker.WaitForAsync(response => response.Refused is not null)).Refused;
        await speaker.InterruptAsync();
        await speaker.SayAsync(_pcm, "next");

        Assert.Equal((ErrorReason.MemoryLimit, "viewer_message", ""), (refused.Reason, refused.Field, refused.TurnId));
        Assert.Equal(TurnOutcome.Completed, (await speaker.TurnEndedAsync("next")).Outcome);
    }

    [Theory]
    [InlineData(64, 16_384, true, "")]
    [InlineData(65, 1, false, "viewer_message.kind")]
    [InlineData(1, 16_385, false, "viewer_message.text")]
    public async Task MaxKindAndTextBytes_OfAViewerMessage_AreTheBounds(int kind, int text, bool isTaken, string field)
    {
        await _speaker.SendAsync(new SpeakRequest { ViewerMessage = new ViewerMessage { Kind = new('k', kind), Text = new('t', text) } });

        await AssertAsync(isTaken, field, () => _speaker.FindAsync(response => response.Payload?.ViewerMessage));
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public async Task MaxReasonBytes_OfAnInterrupt_IsTheBound(int length, bool isTaken)
    {
        await _speaker.SendAsync(new SpeakRequest { Interrupt = new Interrupt { Reason = new('r', length) } });

        await AssertAsync(isTaken, "interrupt.reason", () => _speaker.FindAsync(response => response.InterruptAcknowledged));
    }

    // Bytes, not characters.
    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task MaxReasonBytes_OfAClose_IsTheBoundInBytes(int characters, bool isTaken)
    {
        await _speaker.SendAsync(new SpeakRequest { Close = new CloseSession { Reason = new('ä', characters) } });

        await AssertAsync(isTaken, "close.reason", () => _speaker.FindAsync(response => response.Closed));
    }

    [Fact]
    public async Task MaxPayloadSamples_LongSpeechInOneChunk_IsCutAccordingly()
    {
        await _speaker.SendAudioAsync(Speech.Create(Rate, 10_000), "long", end: true);
        await _speaker.TurnEndedAsync("long");

        var pieces = _speaker.Received.Payloads().Where(payload => payload.Audio is not null).Select(payload => payload.Audio.SampleCount);
        Assert.Equal(_speaker.Opened.Limits.MaxPayloadSamples, pieces.Max());
        Assert.Equal(Rate / 4, _speaker.Opened.Limits.MaxPayloadSamples);
    }

    private async Task AssertAsync<T>(bool isTaken, string field, Func<Task<T>> done)
    {
        if (isTaken)
        {
            await done();
            Assert.DoesNotContain(_speaker.Received, response => response.Refused is not null);
            return;
        }

        var refused = (await _speaker.WaitForAsync(response => response.Refused is not null)).Refused;
        Assert.Equal((ErrorReason.InvalidRequest, field, 2L), (refused.Reason, refused.Field, refused.Request));
        await AssertNextIsSpokenAsync();
    }

    // What was taken is played, then the turn fails; what is sent of it afterwards is discarded; the next one is spoken.
    private async Task AssertTurnFailsAsync(string turnId, ErrorReason reason, string field, byte[] taken, int refusedBytes)
    {
        long request = _speaker.Sent;
        await _speaker.SendAudioAsync(_pcm, turnId);
        var refused = (await _speaker.WaitForAsync(response => response.Refused is not null)).Refused;
        var ended = await _speaker.TurnEndedAsync(turnId);
        var acknowledged = await _speaker.AcknowledgedAsync(turnId, taken.Length + refusedBytes + _pcm.Length);

        Assert.Equal((reason, field, turnId, request), (refused.Reason, refused.Field, refused.TurnId, refused.Request));
        Assert.NotEmpty(refused.Message);
        Assert.Equal((TurnOutcome.Failed, reason), (ended.Outcome, ended.Error));
        var turn = _speaker.Received.Payloads().Where(payload => payload.TurnId == turnId).ToList();
        Assert.Equal(taken, turn.Audio());
        Assert.NotNull(turn[0].TurnStarted);
        Assert.Equal(refusedBytes + _pcm.Length, acknowledged.DiscardedBytes);
        await AssertNextIsSpokenAsync();
    }

    private async Task AssertNextIsSpokenAsync()
    {
        await _speaker.InterruptAsync();
        await _speaker.SendAudioAsync(_pcm, "next", end: true);
        await _speaker.TurnEndedAsync("next");
        FeedAssert.Whole(_speaker.Received.Payloads(), "next", _pcm, Rate);
    }
}
