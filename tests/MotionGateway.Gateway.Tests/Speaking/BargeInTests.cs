using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Interrupt means silence, by whomever it comes. The clock stands still: what plays goes on playing.</summary>
public sealed class BargeInTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly byte[] _pcm = Speech.Create(Rate, Rate * 2);
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;
    private FeedReader _reader = null!;

    private string SessionId => _speaker.SessionId;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(time: _time);
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
        _reader = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.ViewerToken = _speaker.Opened.ViewerToken);
    }

    public async Task DisposeAsync()
    {
        _reader.Dispose();
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Theory]
    [InlineData("speaker")]
    [InlineData("viewer")]
    [InlineData("operator")]
    public async Task Interrupt_ThatNamesNoTurn_SilencesAllThatWasRead(string who)
    {
        await SayThreeSentencesAsync();

        await InterruptAsync(who);
        await _reader.TurnEndedAsync("s3");
        await SayNextAsync();

        Assert.Equal(
            [("s1", TurnOutcome.Interrupted), ("s2", TurnOutcome.Interrupted), ("s3", TurnOutcome.Interrupted), ("next", TurnOutcome.Completed)],
            _reader.Received.Payloads().Ended());
        Assert.DoesNotContain(_reader.Received.Payloads(), payload => payload.Audio is not null && payload.TurnId is "s2" or "s3");
        AssertNothingAfterAnEnd(_reader.Received.Payloads());
        AssertNothingAfterAnEnd(_speaker.Received.Payloads());
        FeedAssert.Contiguous(_reader.Received);
    }

    [Fact]
    public async Task InterruptAcknowledged_OfAll_NamesTheFirstAndFurtherTurnsAndWhatIsVoid()
    {
        await SayThreeSentencesAsync();
        _time.Advance(TimeSpan.FromMilliseconds(500));

        var answer = await _speaker.InterruptAsync(reason: "barge-in");
        await _reader.TurnEndedAsync("s3");

        Assert.Equal(("s1", false, Rate / 2), (answer.TurnId, answer.AlreadyEnded, answer.PlayedSamples));
        Assert.Equal(["s2", "s3"], answer.FurtherTurnIds);
        var first = _reader.Received.Payloads().Single(payload => payload is { TurnId: "s1", TurnEnded: not null });
        Assert.Equal(answer.Discarded, first.TurnEnded.Discarded);
        Assert.Equal(("barge-in", Rate / 2), (first.TurnEnded.Reason, first.TurnEnded.PlayedSamples));
    }

    [Theory]
    [InlineData("speaker")]
    [InlineData("operator")]
    public async Task Interrupt_OfOneTurn_LetsTheNextBeginAtOnce(string who)
    {
        await SayThreeSentencesAsync();

        await InterruptAsync(who, InterruptScope.Turn);
        await _reader.WaitForAsync(response => response.Payload is { TurnId: "s2", Motion: not null });

        Assert.Equal([("s1", TurnOutcome.Interrupted)], _reader.Received.Payloads().Ended());
    }

    [Fact]
    public async Task Interrupt_OfOneTurnWhileNoneHasBegun_MeansTheOneThatWillPlayNext()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, open => open.Delivery = new Delivery { AudioRelease = AudioRelease.WithMotion });
        await speaker.SendAudioAsync(_pcm[..320], "s1");
        await speaker.SendAudioAsync(_pcm, "s2", end: true);

        var answer = await speaker.InterruptAsync(scope: InterruptScope.Turn);

        Assert.Equal(("s1", false), (answer.TurnId, answer.AlreadyEnded));
        Assert.Empty(answer.FurtherTurnIds);
        await speaker.WaitForAsync(response => response.Payload is { TurnId: "s2", Audio: not null });
    }

    [Fact]
    public async Task Interrupt_OfANamedTurn_TakesThoseReleasedAfterItAlong()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, open => open.Delivery = new Delivery { TurnRelease = TurnRelease.AtOnce });
        await speaker.SendAudioAsync(_pcm, "s1", end: true);
        await speaker.SendAudioAsync(_pcm, "s2", end: true);
        await speaker.WaitForAsync(response => response.Payload is { TurnId: "s2", TurnSealed: not null });

        var answer = await speaker.InterruptAsync("s1");

        Assert.Equal("s1", answer.TurnId);
        Assert.Equal(["s2"], answer.FurtherTurnIds);
    }

    [Fact]
    public async Task Interrupt_OfAWaitingTurn_LeavesTheOthers()
    {
        await SayThreeSentencesAsync();

        var answer = await _speaker.InterruptAsync("s2");
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => IsOver("s3"));
        await _reader.TurnEndedAsync("s3");

        Assert.Equal(("s2", false, 0L), (answer.TurnId, answer.AlreadyEnded, answer.PlayedSamples));
        Assert.Null(answer.Discarded);
        Assert.Equal(
            [("s2", TurnOutcome.Interrupted), ("s1", TurnOutcome.Completed), ("s3", TurnOutcome.Completed)],
            _reader.Received.Payloads().Ended());
    }

    [Fact]
    public async Task Interrupt_BeforeTheTurnsFirstAudio_DiscardsItThen()
    {
        var answer = await _speaker.InterruptAsync("later");
        await _speaker.SendAudioAsync(_pcm, "later", end: true);
        var acknowledged = await _speaker.AcknowledgedAsync("later", _pcm.Length);
        await SayNextAsync();

        Assert.True(answer.AlreadyEnded);
        Assert.Equal(_pcm.Length, acknowledged.DiscardedBytes);
        Assert.Equal(["next"], _reader.Received.Payloads().Started());
    }

    [Fact]
    public async Task Interrupt_BeforeTheFirstAudioOfManyTurns_IsRememberedForAsManyAsToldInOpened()
    {
        int most = _speaker.Opened.Limits.MaxVoidTurns;
        for (int i = 0; i <= most; i++)
        {
            await _speaker.InterruptAsync($"void-{i}");
        }

        await _speaker.SendAudioAsync(_pcm, "void-1", end: true);
        await _speaker.SendAudioAsync(_pcm, "void-0", end: true);

        // The oldest name is forgotten: it is as any other.
        await _speaker.WaitForAsync(response => response.Payload?.TurnStarted is not null);
        Assert.Equal(["void-0"], _speaker.Received.Payloads().Started());
        Assert.Equal(_pcm.Length, (await _speaker.AcknowledgedAsync("void-1", _pcm.Length)).DiscardedBytes);
    }

    [Fact]
    public async Task Interrupt_WhereNothingIs_IsAnsweredAsDone()
    {
        var none = await _speaker.InterruptAsync();
        var turn = await _speaker.InterruptAsync(scope: InterruptScope.Turn);

        Assert.Equal(("", true, null), (none.TurnId, none.AlreadyEnded, none.Discarded));
        Assert.Equal(("", true, null), (turn.TurnId, turn.AlreadyEnded, turn.Discarded));
    }

    [Fact]
    public async Task SpeakersInterrupt_WhatFollowsUnnamed_IsNewSpeech()
    {
        await _speaker.SendAudioAsync(_pcm);
        await _speaker.InterruptAsync();
        await _speaker.SendAudioAsync(_pcm, end: true);

        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => IsOver("turn-2"));
        await _speaker.TurnEndedAsync("turn-2");

        FeedAssert.Whole(_speaker.Received.Payloads(), "turn-2", _pcm, Rate);
    }

    [Theory]
    [InlineData("viewer", "end_turn")]
    [InlineData("viewer", "named")]
    [InlineData("operator", "end_turn")]
    [InlineData("operator", "named")]
    public async Task OthersInterrupt_TheRestOfTheOpenUnnamedTurn_IsDiscarded(string who, string until)
    {
        await _speaker.SendAudioAsync(_pcm);
        await _speaker.FindAsync(response => response.AudioAcknowledged);
        await InterruptAsync(who);
        await _speaker.TurnEndedAsync("turn-1");
        await _speaker.SendAudioAsync(_pcm);
        if (until == "end_turn")
        {
            await _speaker.EndTurnAsync();
        }
        else
        {
            await _speaker.SendAudioAsync(_pcm, "named", end: true);
            await _speaker.WaitForAsync(response => response.Payload is { TurnId: "named", TurnStarted: not null });
        }

        await _speaker.SendAudioAsync(_pcm, end: true);
        string last = until == "end_turn" ? "turn-2" : "turn-3";
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => IsOver(last));
        await _speaker.TurnEndedAsync(last);

        Assert.Equal(2 * _pcm.Length, _speaker.Received.Last(r => r.AudioAcknowledged?.TurnId == "turn-1").AudioAcknowledged.Bytes);
        FeedAssert.Whole(_speaker.Received.Payloads(), last, _pcm, Rate);
    }

    [Fact]
    public async Task Interrupts_ManyInARow_CostTheNextTurnNothing()
    {
        for (int i = 0; i < 12; i++)
        {
            string turn = $"cut-{i}";
            await _speaker.SendAudioAsync(_pcm, turn, end: i % 3 != 0);
            await Eventually.TrueAsync(() => IsThere(turn));
            if (i % 3 == 2)
            {
                await _speaker.WaitForAsync(response => response.Payload?.TurnId == turn && response.Payload.Motion is not null);
            }

            await (i % 2 == 0 ? _speaker.InterruptAsync() : InterruptAsync("viewer"));
            await _reader.TurnEndedAsync(turn);
            await _speaker.SendAudioAsync(_pcm[..960], turn);
            await _speaker.EndTurnAsync(turn);
        }

        await SayNextAsync();

        var ended = _reader.Received.Payloads().Ended();
        Assert.Equal(13, ended.Count);
        Assert.All(ended.SkipLast(1), end => Assert.Equal(TurnOutcome.Interrupted, end.Outcome));
        AssertNothingAfterAnEnd(_reader.Received.Payloads());
        FeedAssert.Contiguous(_reader.Received);
    }

    // No payload of a turn follows its end.
    private static void AssertNothingAfterAnEnd(IEnumerable<Payload> payloads)
    {
        var over = new HashSet<string>();
        foreach (var payload in payloads)
        {
            Assert.DoesNotContain(payload.TurnId, over);
            if (payload.TurnEnded is not null)
            {
                over.Add(payload.TurnId);
            }
        }
    }

    private async Task SayThreeSentencesAsync()
    {
        foreach (string turn in (string[])["s1", "s2", "s3"])
        {
            await _speaker.SendAudioAsync(_pcm, turn, end: true);
        }

        await _reader.WaitForAsync(response => response.Payload is { TurnId: "s1", TurnSealed: not null });

        // What interrupts by a call of its own may come before what is still on its way.
        await Eventually.TrueAsync(() => IsThere("s3"));
    }

    private async Task SayNextAsync()
    {
        await _speaker.SendAudioAsync(_pcm, "next", end: true);
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => IsOver("next"));
        await _speaker.TurnEndedAsync("next");
        await _reader.TurnEndedAsync("next");
        FeedAssert.Whole(_reader.Received.Payloads(), "next", _pcm, Rate);
    }

    private bool IsThere(string turnId) => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = SessionId })
        .Session.Turns.Any(turn => turn.TurnId == turnId);

    private bool IsOver(string turnId) => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = SessionId })
        .Session.Turns.Any(turn => turn.TurnId == turnId && turn.State == TurnState.Ended);

    private async Task InterruptAsync(string who, InterruptScope scope = InterruptScope.Unspecified)
    {
        switch (who)
        {
            case "speaker":
                await _speaker.InterruptAsync(scope: scope);
                break;
            case "viewer":
                await _reader.SendAsync(new ViewerEvent { Interrupt = new ViewerInterrupt { Reason = "tap" } });
                break;
            default:
                await _gateway.Sessions.InterruptSessionAsync(new InterruptSessionRequest { SessionId = SessionId, Scope = scope });
                break;
        }
    }
}
