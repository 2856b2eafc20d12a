using System.Net.WebSockets;
using MotionGateway.LocalMotion.Egress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Egress;

public sealed class PlaybackTests : IAsyncLifetime
{
    private const int Rate = EgressClient.Rate;
    private readonly ObservedTimeProvider _clock = new();
    private LocalMotionServer _server = null!;
    private RawClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = _clock, IdleTimeout = null });
        (_client, _) = await EgressClient.OpenAsync(_server, EgressClient.LiveKit(livekit => livekit.IdleTimeout = 20), _clock.GetUtcNow());
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Request_PlaysAsLongAsItsAudio()
    {
        await SayAsync("turn", seconds: 3);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await AdvanceAsync(seconds: 3);

        await _client.AssertStateAsync("turn", PlaybackState.Ended, 3000);
    }

    [Fact]
    public async Task Request_WhoseAudioComesLate_WaitsForIt()
    {
        await SayAsync("turn", seconds: 1, end: false);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await AudioTakenAsync(0, TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(5));
        await SayAsync("turn", seconds: 2);
        await AdvanceAsync(seconds: 2);

        await _client.AssertStateAsync("turn", PlaybackState.Ended, 3000);
    }

    [Fact]
    public async Task Request_WithoutAudio_EndsAtOnce()
    {
        await _client.SendAudioAsync("turn", ReadOnlyMemory<byte>.Empty, end: true);

        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await _client.AssertStateAsync("turn", PlaybackState.Ended, 0);
    }

    [Fact]
    public async Task PauseAndResume_AreEachAnsweredByOneStateAndMoveTheEnd()
    {
        await SayAsync("turn", seconds: 3);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await EndsInAsync(seconds: 3);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _client.PauseAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Paused, 1000);
        await _client.PauseAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Paused, 1000);
        _clock.Advance(TimeSpan.FromSeconds(7));
        await _client.ResumeAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 1000);
        await _client.ResumeAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 1000);
        await AdvanceAsync(seconds: 2);

        await _client.AssertStateAsync("turn", PlaybackState.Ended, 3000);
    }

    [Fact]
    public async Task Audio_WhilePaused_IsTakenAndPlayedAfterwards()
    {
        await SayAsync("turn", seconds: 1, end: false);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await _client.PauseAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Paused, 0);
        await SayAsync("turn", seconds: 1);
        await _client.ResumeAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await AdvanceAsync(seconds: 2);

        await _client.AssertStateAsync("turn", PlaybackState.Ended, 2000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Control_ThatCameTooLate_IsAnsweredByEnded(bool pause)
    {
        await SayAsync("turn", seconds: 1);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await AdvanceAsync(seconds: 1);
        await _client.AssertStateAsync("turn", PlaybackState.Ended, 1000);

        await (pause ? _client.PauseAsync("turn") : _client.ResumeAsync("turn"));
        await _client.AssertStateAsync("turn", PlaybackState.Ended, 1000);
    }

    [Fact]
    public async Task Control_BeforeTheFirstRequest_IsAnsweredByEnded()
    {
        await _client.PauseAsync("never");
        await _client.AssertStateAsync("never", PlaybackState.Ended, 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Control_OfAnotherRequest_IsAnsweredByTheStateOfTheOneThatPlays(bool pause)
    {
        await SayAsync("turn", seconds: 3);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await EndsInAsync(seconds: 3);
        _clock.Advance(TimeSpan.FromMilliseconds(500));

        await (pause ? _client.PauseAsync("other") : _client.ResumeAsync("other"));
        await _client.AssertStateAsync("other", PlaybackState.Playing, 500);
        await _client.PauseAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Paused, 500);
        _clock.Advance(TimeSpan.FromSeconds(2));
        await (pause ? _client.PauseAsync("other") : _client.ResumeAsync("other"));
        await _client.AssertStateAsync("other", PlaybackState.Paused, 500);
        Assert.Equal(["turn"], Requests.Select(request => request.RequestId));
    }

    [Fact]
    public async Task Signals_ComeWhileItPlaysAndSeveralTimesWhenItHasPlayed()
    {
        await SayAsync("turn", seconds: 2, end: false);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await _client.AssertSignalAsync("turn", end: false);
        await AudioTakenAsync(0, TimeSpan.FromSeconds(2));
        for (int second = 1; second <= 4; second++)
        {
            // Also while it waits for audio: the room hears nothing, and the request is not over.
            await AdvanceAsync(seconds: 1);
            await _client.AssertSignalAsync("turn", end: false);
        }

        await SayAsync("turn", seconds: 0);
        Assert.Equal(PlaybackState.Ended, (await _client.ReceiveAsync())?.ServerPlaybackState?.State);
        await _client.AssertSignalAsync("turn", end: true);
        await _client.AssertSignalAsync("turn", end: true);
    }

    [Fact]
    public async Task Signals_OfAnInterruptedOrPausedRequest_DoNotCome()
    {
        await SayAsync("turn", seconds: 3);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await _client.PauseAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Paused, 0);
        await AdvanceAsync(seconds: 1);
        await _client.InterruptAsync("turn");

        Assert.Equal(PlaybackState.Interrupted, (await _client.ReceiveAsync())?.ServerPlaybackState?.State);
        await SayAsync("next", seconds: 3);
        Assert.Equal("next", (await _client.ReceiveAsync())?.ServerPlaybackState?.ReqId);
    }

    [Fact]
    public async Task Interrupt_AfterTheEndOfTheAudio_InterruptsThePlayback()
    {
        await SayAsync("turn", seconds: 3);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await EndsInAsync(seconds: 3);
        _clock.Advance(TimeSpan.FromMilliseconds(1500));
        await _client.InterruptAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Interrupted, 1500, "explicit");

        // Doing it again changes nothing, and a control is answered by what it is now.
        await _client.InterruptAsync("turn");
        await _client.PauseAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Interrupted, 1500, "explicit");
    }

    [Fact]
    public async Task Request_WhileAnotherPlays_PreemptsIt()
    {
        await SayAsync("first", seconds: 3, end: false);
        await _client.AssertStateAsync("first", PlaybackState.Playing, 0);
        await AudioTakenAsync(0, TimeSpan.FromSeconds(3));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await SayAsync("second", seconds: 1);
        await _client.AssertStateAsync("first", PlaybackState.Interrupted, 1000, "preempted");
        await _client.AssertStateAsync("second", PlaybackState.Playing, 0);
        await SayAsync("first", seconds: 3);
        await AdvanceAsync(seconds: 1);

        await _client.AssertStateAsync("second", PlaybackState.Ended, 1000);
        Assert.Equal([TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1)], Requests.Select(request => request.AudioDuration));
        Assert.Equal([PlaybackState.Interrupted, PlaybackState.Ended], Requests.Select(request => request.State));
    }

    [Fact]
    public async Task Pause_ThatLastsTooLong_IsInterrupted()
    {
        await SayAsync("turn", seconds: 3);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await _client.PauseAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Paused, 0);
        await EndsInAsync(seconds: 60);
        _clock.Advance(TimeSpan.FromMinutes(1));

        await _client.AssertStateAsync("turn", PlaybackState.Interrupted, 0, "pause_timeout");
    }

    [Fact]
    public async Task Silence_AfterThePlayback_EndsTheConnection()
    {
        await SayAsync("turn", seconds: 30);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await AdvanceAsync(seconds: 30);
        await _client.AssertStateAsync("turn", PlaybackState.Ended, 30_000);
        await AdvanceAsync(seconds: 20);

        ServerError? error = (await _client.ReceivePastSignalsAsync())?.ServerError;
        Assert.Equal((0, "livekit silence timeout"), (error?.Code, error?.Message));
        Assert.Null(await _client.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, _client.CloseStatus);
    }

    [Fact]
    public async Task Silence_InAPlaybackThatStarves_EndsTheConnection()
    {
        await SayAsync("turn", seconds: 1, end: false);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await EndsInAsync(seconds: 21);
        _clock.Advance(TimeSpan.FromSeconds(20));
        await _client.PauseAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Paused, 1000);
        await _client.ResumeAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 1000);
        await AdvanceAsync(seconds: 1);

        Assert.Equal("livekit silence timeout", (await _client.ReceivePastSignalsAsync())?.ServerError?.Message);
    }

    [Fact]
    public async Task IdleTimeout_BeyondWhatATimerTakes_PlaysAndCleansUp()
    {
        (RawClient client, _) = await EgressClient.OpenAsync(_server, EgressClient.LiveKit(livekit => livekit.IdleTimeout = 5_000_000), _clock.GetUtcNow());
        using (client)
        {
            await client.SendAudioAsync("turn", Speech.Silence(3 * Rate), end: true);
            await client.AssertStateAsync("turn", PlaybackState.Playing, 0);

            // Nobody else waits for that moment: signals come each second.
            await AdvanceAsync(seconds: 3);
            await client.AssertStateAsync("turn", PlaybackState.Ended, 3000);
        }

        await Eventually.TrueAsync(() => _server.Egress.Connections[1].ClosedAt is not null);
    }

    [Fact]
    public async Task IdleTimeout_OfTheServer_CountsFromTheEndOfThePlayback()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(
            new LocalMotionServerOptions { TimeProvider = _clock, IdleTimeout = TimeSpan.FromSeconds(2) });
        (RawClient client, _) = await EgressClient.OpenAsync(server, EgressClient.LiveKit(), _clock.GetUtcNow());
        using RawClient open = client;
        await client.SendAudioAsync("turn", Speech.Silence(5 * Rate), end: true);
        await client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await EndsInAsync(seconds: 5);
        await AdvanceAsync(seconds: 2);
        await AdvanceAsync(seconds: 2);
        await EndsInAsync(seconds: 2);
        await AdvanceAsync(seconds: 1);
        await client.AssertStateAsync("turn", PlaybackState.Ended, 5000);
        await AdvanceAsync(seconds: 1);
        await AdvanceAsync(seconds: 1);

        Assert.Equal("no audio input for 2 s", (await client.ReceivePastSignalsAsync())?.ServerError?.Message);
    }

    [Fact]
    public async Task Request_InterruptedAndEnded_LeavesItsIdForANewOne()
    {
        await SayAsync("turn", seconds: 3, end: false);
        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await _client.InterruptAsync("turn");
        await _client.AssertStateAsync("turn", PlaybackState.Interrupted, 0, "explicit");
        await SayAsync("turn", seconds: 1);
        await SayAsync("turn", seconds: 1);

        await _client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        Assert.Equal([PlaybackState.Interrupted, PlaybackState.Playing], Requests.Select(request => request.State));
    }

    [Fact]
    public async Task OlderServer_TellsNoStateButSignals_AndReportsAPause()
    {
        await using LocalMotionServer older = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { Egress = EgressSupport.Plain, TimeProvider = _clock });
        (RawClient client, ServerConfirmSession confirm) = await EgressClient.OpenAsync(older, EgressClient.LiveKit(), _clock.GetUtcNow());
        using RawClient open = client;
        Assert.Empty(confirm.Capabilities);

        await client.SendAudioAsync("turn", Speech.Silence(Rate / 2), end: true);
        await client.AssertSignalAsync("turn", end: false);
        await client.PauseAsync("turn");
        Assert.Equal(12, (await client.ReceiveAsync())?.ServerError?.Code);
        await _clock.WaitForTimerAsync(_clock.GetUtcNow().AddMilliseconds(500));
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        await client.AssertSignalAsync("turn", end: true);
    }

    private IReadOnlyList<EgressRequest> Requests => _server.Egress.Connections[0].Requests;

    private Task SayAsync(string requestId, int seconds, bool end = true) => _client.SendAudioAsync(requestId, Speech.Silence(seconds * Rate), end);

    private Task AudioTakenAsync(int request, TimeSpan duration) =>
        Eventually.TrueAsync(() => Requests.Count > request && Requests[request].AudioDuration == duration);

    private Task EndsInAsync(int seconds) => _clock.WaitForTimerAsync(_clock.GetUtcNow().AddSeconds(seconds));

    private async Task AdvanceAsync(int seconds)
    {
        await EndsInAsync(seconds);
        _clock.Advance(TimeSpan.FromSeconds(seconds));
    }
}
