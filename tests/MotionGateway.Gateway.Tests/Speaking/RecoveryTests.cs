using MotionGateway.LocalMotion;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>What becomes of a turn when the Motion Server fails in its midst.</summary>
public sealed class RecoveryTests
{
    private const int Rate = 16000;

    // A handshake on a busy machine takes as long as it takes: what is tested is not how long.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("fault-close-4503@motion")]
    [InlineData("fault-close-1011@motion")]
    [InlineData("fault-close-4002@motion")]
    [InlineData("fault-reset@motion")]
    [InlineData("fault-stall-connection@motion")]
    [InlineData("fault-early-end")]
    public async Task Speak_MotionServerFailsOnceInMidTurn_MotionIsAskedForAgainAndIsWhole(string fault)
    {
        await using var gateway = await StartAsync();
        gateway.MotionServer.Faults.Arm(fault, count: 1);
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        using var reader = await FeedReader.OpenAsync(gateway.Feed, speaker.SessionId);
        byte[] pcm = Speech.Create(Rate, Rate * 5);

        // All of it at once: wherever the fault strikes, motion is missing then.
        await speaker.SendAudioAsync(pcm, "one", end: true);
        await reader.TurnEndedAsync("one");
        await speaker.TurnEndedAsync("one");
        var report = await speaker.TurnReportAsync("one");

        FeedAssert.Whole(speaker.Received.Payloads(), "one", pcm, Rate);
        FeedAssert.Whole(reader.Received.Payloads(), "one", pcm, Rate);
        Assert.Equal((TurnOutcome.Completed, ErrorReason.Unspecified, 125L), (report.Outcome, report.Error, report.KeyframeCount));
        Assert.InRange(report.Recoveries, 1, int.MaxValue);
    }

    [Fact]
    public async Task MotionServerFailure_ALostConnection_SaysWhatWhereAndWhoseMotion()
    {
        await using var gateway = await StartAsync();
        gateway.MotionServer.Faults.Arm("fault-close-4503@motion", count: 1);
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        string connection = (await gateway.GetSessionAsync(speaker.SessionId)).ConnectionId;

        await speaker.SendAudioAsync(Speech.Create(Rate, Rate * 3), "one", end: true);
        var failure = await speaker.FindAsync(response => response.MotionServerFailure);

        Assert.Equal(
            ("one", ErrorReason.MotionServerUpstreamError, connection, true),
            (failure.TurnId, failure.Reason, failure.ConnectionId, failure.Retryable));

        // Who reads and who sends may each notice first.
        Assert.Contains(failure.Phase, (string[])["websocket_runtime", "websocket_send"]);
        Assert.NotEmpty(failure.Message);
        Assert.DoesNotContain("local-key", failure.Message, StringComparison.Ordinal);
        Assert.Empty(failure.LostTurnIds);
    }

    [Theory]
    [InlineData("fault-server-error-4001@motion", ErrorReason.MotionServerCreditsExhausted)]
    [InlineData("fault-close-4001@motion", ErrorReason.MotionServerCreditsExhausted)]
    public async Task Speak_MotionServerFailsForGood_TheTurnGoesOnAsAudioAndTheSessionLives(string fault, ErrorReason reason)
    {
        await using var gateway = await StartAsync();
        gateway.MotionServer.Faults.Arm(fault, count: 1);
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        byte[] pcm = Speech.Create(Rate, Rate * 3);

        await speaker.SayAsync(pcm, "one");
        var failure = await speaker.FindAsync(response => response.MotionServerFailure);
        var ended = await speaker.TurnEndedAsync("one");
        byte[] next = Speech.Create(Rate, Rate / 2);
        await speaker.SayAsync(next, "two");
        await speaker.TurnEndedAsync("two");

        Assert.Equal(("one", reason, false), (failure.TurnId, failure.Reason, failure.Retryable));
        Assert.Equal("one", Assert.Single(failure.LostTurnIds));
        Assert.Equal((TurnOutcome.AudioOnly, reason), (ended.Outcome, ended.Error));
        Assert.Equal(pcm, speaker.Received.Payloads().Where(payload => payload.TurnId == "one").Audio());
        FeedAssert.Whole(speaker.Received.Payloads(), "two", next, Rate);
    }

    [Fact]
    public async Task Speak_MotionThatIsMissingInItsMidst_IsNotSoldAsComplete()
    {
        await using var gateway = await StartAsync();
        gateway.MotionServer.Faults.Arm("fault-missing-motion", count: 1);
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        byte[] pcm = Speech.Create(Rate, Rate * 3);

        await speaker.SayAsync(pcm, "one");
        var ended = await speaker.TurnEndedAsync("one");

        Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionIncomplete), (ended.Outcome, ended.Error));
        Assert.Equal(pcm, speaker.Received.Payloads().Audio());
    }

    [Fact]
    public async Task Speak_MotionThatNeverComesBack_IsGivenUpWithTheReason()
    {
        await using var gateway = await StartAsync(options => options.Limits = options.Limits with { MaxRecoveries = 2 });
        using var speaker = await Speaker.OpenAsync(gateway.Speech, open => open.AvatarId = "fault-close-4503@motion");
        byte[] pcm = Speech.Create(Rate, Rate * 2);

        await speaker.SayAsync(pcm, "one");
        var report = await speaker.TurnReportAsync("one");

        Assert.Equal((TurnOutcome.AudioOnly, ErrorReason.MotionServerUpstreamError, 2), (report.Outcome, report.Error, report.Recoveries));
        Assert.Equal(pcm, speaker.Received.Payloads().Audio());
    }

    // The limits of real services, in seconds instead of minutes.
    [Fact]
    public async Task Speak_SilenceBeyondTheMotionServersLimit_CostsNoMotion()
    {
        await using var gateway = await StartAsync(motion: options => options.IdleTimeout = TimeSpan.FromSeconds(1.5));
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        byte[] first = Speech.Create(Rate, Rate / 2);
        byte[] second = Speech.Create(Rate, Rate * 3, seed: 2);

        await SilenceAsync(gateway, connection: 1);
        await speaker.SayAsync(first, "after-silence");
        await speaker.SendAudioAsync(second[..(2 * Rate)], "silence-within");
        await speaker.TurnEndedAsync("after-silence");
        await SilenceAsync(gateway, connection: 2);
        await speaker.SendAudioAsync(second[(2 * Rate)..], "silence-within", end: true);
        await speaker.TurnEndedAsync("silence-within");

        FeedAssert.Whole(speaker.Received.Payloads(), "after-silence", first, Rate);
        FeedAssert.Whole(speaker.Received.Payloads(), "silence-within", second, Rate);
    }

    [Fact]
    public async Task Speak_TurnsBeyondTheMotionServersSessionLimit_AreWhole()
    {
        await using var gateway = await StartAsync(motion: options =>
        {
            options.MaxSessionDuration = TimeSpan.FromSeconds(3);
            options.Pace = ProcessingPace.RealTime;
        });
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        byte[] first = Speech.Create(Rate, Rate * 6);
        byte[] second = Speech.Create(Rate, Rate / 2, seed: 2);

        await speaker.SayAsync(first, "one");
        await speaker.SayAsync(second, "two");
        await speaker.TurnEndedAsync("two");

        FeedAssert.Whole(speaker.Received.Payloads(), "one", first, Rate);
        FeedAssert.Whole(speaker.Received.Payloads(), "two", second, Rate);
    }

    private static Task SilenceAsync(GatewayUnderTest gateway, int connection) => Testing.Eventually.TrueAsync(
        () => gateway.MotionServer.Counters.ConnectionsAccepted >= connection && gateway.MotionServer.Counters.ConnectionsOpen == 0);

    private static Task<GatewayUnderTest> StartAsync(
        Action<GatewayOptions>? configure = null, Action<LocalMotionServerOptions>? motion = null) => GatewayUnderTest.StartAsync(
        options =>
        {
            options.Limits = options.Limits with { RecoveryGrace = Patience };
            options.MotionServer.MotionTimeout = TimeSpan.FromSeconds(5);
            options.MotionServerReconnect = new ReconnectPolicy
            {
                MaxAttempts = 20,
                FirstDelay = TimeSpan.FromMilliseconds(20),
                MaxDelay = TimeSpan.FromMilliseconds(200),
                Budget = Patience,
            };
            configure?.Invoke(options);
        },
        motion);
}
