using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>What the speaker must learn is the session's: a call that breaks loses nothing of it.</summary>
public sealed class LedgerTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private readonly byte[] _pcm = Speech.Create(Rate, Rate / 2);
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Resume_FromALedgerPosition_TellsAllThatCameAfterIt()
    {
        var broken = await Speaker.OpenAsync(_gateway.Speech);
        await broken.SendAudioAsync(_pcm, "one", end: true);
        await broken.AcknowledgedAsync("one", _pcm.Length);
        long position = broken.Received[^1].LedgerPosition;
        broken.Dispose();
        await TurnIsOverAsync(broken, "one");

        using var speaker = await broken.ResumeAsync(_gateway.Speech, resume => resume.LedgerPosition = position);
        var report = await speaker.TurnReportAsync("one");

        Assert.Equal((TurnOutcome.Completed, _pcm.Length / 2), (report.Outcome, report.PlayedSamples));
        Assert.DoesNotContain(speaker.Received, response => response.LedgerPosition != 0 && response.LedgerPosition <= position);
    }

    [Fact]
    public async Task Resume_FromTheLedgersStart_TellsEachTurnsLatestAcknowledgementReportsAndFailures()
    {
        _gateway.MotionServer.Faults.Arm("fault-close-4503@motion", count: 1);
        var broken = await Speaker.OpenAsync(_gateway.Speech);
        await broken.SendAudioAsync(_pcm, "one", end: true);
        await broken.SendAudioAsync(_pcm, "two", end: true);
        await broken.TurnReportAsync("two");
        broken.Dispose();

        using var speaker = await broken.ResumeAsync(_gateway.Speech);
        await speaker.TurnReportAsync("two");

        var told = speaker.Received.Where(response => response.LedgerPosition != 0).ToList();
        Assert.Equal(told.Select(response => response.LedgerPosition).Order(), told.Select(response => response.LedgerPosition));
        Assert.Equal(
            [("one", _pcm.Length), ("two", _pcm.Length)],
            told.Where(response => response.AudioAcknowledged is not null)
                .Select(response => (response.AudioAcknowledged.TurnId, (int)response.AudioAcknowledged.Bytes)));
        Assert.Equal(["one", "two"], told.Where(response => response.TurnReport is not null).Select(response => response.TurnReport.TurnId));
        Assert.Contains(told, response => response.MotionServerFailure is { Reason: ErrorReason.MotionServerUpstreamError });
    }

    [Fact]
    public async Task LedgerPosition_OfWhatIsNoEntry_IsZero()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        await speaker.SendAudioAsync(_pcm, "one", end: true);
        await speaker.InterruptAsync();
        await speaker.SendAudioAsync([], "a b");
        await speaker.TurnReportAsync("one");
        await speaker.FindAsync(response => response.Refused);

        Assert.All(speaker.Received, response => Assert.Equal(
            response.AudioAcknowledged is not null || response.TurnReport is not null || response.MotionServerFailure is not null,
            response.LedgerPosition > 0));
    }

    [Fact]
    public async Task Opened_OfAResume_TellsHowFarAllTurnsAreThatAreNotOver()
    {
        var broken = await Speaker.OpenAsync(_gateway.Speech);
        byte[] plays = Speech.Create(Rate, Rate * 4);
        await broken.SayAsync(plays, "plays");
        await broken.SendAudioAsync(_pcm, "waits", end: true);
        await broken.SendAudioAsync(_pcm[..1001], "open");
        await broken.AcknowledgedAsync("plays", plays.Length);
        await Testing.Eventually.TrueAsync(() => Turns(broken).Count == 3);
        broken.Dispose();

        using var speaker = await broken.ResumeAsync(_gateway.Speech);

        Assert.True(speaker.Opened.Resumed);
        Assert.Equal(("open", 1001L), (speaker.Opened.OpenTurnId, speaker.Opened.OpenTurnBytes));
        Assert.Equal(
            (TurnProgress[])
            [
                new TurnProgress { TurnId = "plays", ReceivedBytes = plays.Length, HandledBytes = plays.Length, Complete = true, Started = true },
                new TurnProgress { TurnId = "waits", ReceivedBytes = _pcm.Length, Complete = true },
                new TurnProgress { TurnId = "open", ReceivedBytes = 1001 },
            ],
            speaker.Opened.Turns);
    }

    [Fact]
    public async Task Opened_OfAResume_TellsNothingOfAnOperatorsTestTone()
    {
        var broken = await Speaker.OpenAsync(_gateway.Speech);
        var tone = await _gateway.Sessions.SayTestToneAsync(new SayTestToneRequest { SessionId = broken.SessionId, DurationMs = 5000 });
        broken.Dispose();

        using var speaker = await broken.ResumeAsync(_gateway.Speech);
        await _gateway.Sessions.InterruptSessionAsync(new InterruptSessionRequest { SessionId = broken.SessionId });
        await speaker.TurnEndedAsync(tone.TurnId);

        Assert.Empty(speaker.Opened.Turns);
        Assert.Equal("", speaker.Opened.OpenTurnId);
        Assert.DoesNotContain(speaker.Received, response => response.TurnReport is not null || response.AudioAcknowledged is not null);
    }

    [Fact]
    public async Task TurnReport_OfATurnThatWentWell_TellsItsStagesInTheirOrder()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, speaker.SessionId);
        string connection = (await _gateway.GetSessionAsync(speaker.SessionId)).ConnectionId;

        await speaker.SayAsync(_pcm, "one");
        var report = await speaker.TurnReportAsync("one");

        Assert.Equal(
            (TurnOutcome.Completed, _pcm.Length / 2, 12L, _pcm.Length / 2, connection, 0, 0),
            (report.Outcome, report.SampleCount, report.KeyframeCount, report.PlayedSamples, report.ConnectionId, report.DroppedBytes, report.Recoveries));
        Assert.NotEmpty(report.RequestId);
        Assert.All(
            [(report.SentMs, report.FirstMotionMs), (report.ReleasedMs, report.FirstWriteMs), (report.ReleasedMs, report.SealedMs), (report.SealedMs, report.EndedMs)],
            stages => Assert.InRange(stages.Item1, 0, stages.Item2));
    }

    [Fact]
    public async Task TurnReport_OfAWaitingTurnThatWasInterrupted_HasNoStages()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        await speaker.SayAsync(Speech.Create(Rate, Rate * 10), "plays");
        await speaker.SendAudioAsync(_pcm, "waits", end: true);
        await speaker.InterruptAsync("waits");

        var report = await speaker.TurnReportAsync("waits");

        Assert.Equal(
            (TurnOutcome.Interrupted, -1L, -1L, -1L, 0L),
            (report.Outcome, report.ReleasedMs, report.SealedMs, report.FirstWriteMs, report.PlayedSamples));
    }

    private Task TurnIsOverAsync(Speaker speaker, string turnId) => Testing.Eventually.TrueAsync(
        () => Turns(speaker).Any(turn => turn.TurnId == turnId && turn.State == TurnState.Ended));

    private Google.Protobuf.Collections.RepeatedField<Turn> Turns(Speaker speaker) =>
        _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = speaker.SessionId }).Session.Turns;
}
