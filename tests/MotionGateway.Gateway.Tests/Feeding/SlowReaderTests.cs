using System.Diagnostics.Metrics;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>A reader that does not keep up harms nobody, is ended in time, and comes back by position.</summary>
public sealed class SlowReaderTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly byte[] _pcm = Speech.Create(Rate, Rate * 8);
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;

    private string SessionId => _speaker.SessionId;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(options => options.WriteTimeout = WriteTimeout, time: _time);
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
    }

    public async Task DisposeAsync()
    {
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task AReaderThatAcknowledgesNothing_IsSentItsWindowAndEndedWhenItHasWaitedTooLong()
    {
        using var mute = await FeedReader.OpenAsync(_gateway.Feed, SessionId, acknowledges: false);
        using var good = await FeedReader.OpenAsync(_gateway.Feed, SessionId);
        await SayAsync();
        await good.WaitForAsync(response => response.Payload?.TurnSealed is not null);
        await mute.WaitForAsync(response => response.Payload?.Audio?.FirstSample > Rate);
        var ending = mute.ReadToFailureAsync();
        await _time.AdvanceUntilAsync(Moment, () => IsOver());
        await good.TurnEndedAsync("story");
        Assert.False(ending.IsCompleted);

        await _time.AdvanceUntilAsync(Moment, () => ending.IsCompleted);
        var fault = await ending;

        Assert.Equal(StatusCode.Aborted, fault.StatusCode);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((ErrorReason.ReaderTooSlow, true), (failure.Reason, failure.EffectiveRetryAfter is not null));
        Assert.InRange(mute.Received.Payloads().Audio().Length, 1, mute.Started.WindowBytes);
        FeedAssert.Whole(good.Received.Payloads(), "story", _pcm, Rate);
    }

    [Fact]
    public async Task AReaderThatWasTooSlow_ComesBackByPositionAndMissesNothing()
    {
        var mute = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.ReaderId = "slow", acknowledges: false);
        await SayAsync();
        await mute.WaitForAsync(response => response.Payload?.Audio?.FirstSample > Rate);
        var ending = mute.ReadToFailureAsync();
        await _time.AdvanceUntilAsync(Moment, () => ending.IsCompleted);
        var last = mute.Received.Payloads().Last();
        mute.Dispose();

        using var back = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start =>
        {
            start.ReaderId = "slow";
            start.Position = new Position { Epoch = last.Epoch, Sequence = last.Sequence };
        });
        await back.TurnEndedAsync("story");

        FeedAssert.Whole(mute.Received.Payloads().Concat(back.Received.Payloads()), "story", _pcm, Rate);
        FeedAssert.Contiguous(back.Received);
    }

    [Theory]
    [InlineData(SlowReaderPolicy.DropMotion)]
    [InlineData(SlowReaderPolicy.SkipTurn)]
    public async Task AReaderThatWouldBeSpared_IsToldWhatItMissesAndGoesOn(SlowReaderPolicy policy)
    {
        int counted = 0;
        using var listener = Listen(policy, () => Interlocked.Increment(ref counted));
        using var slow = await FeedReader.OpenAsync(
            _gateway.Feed, SessionId, start => start.SlowReaderPolicy = policy, acknowledges: false);
        await SayAsync();
        var last = await slow.WaitForAsync(response => response.Payload?.Audio?.FirstSample > Rate);
        await _time.AdvanceUntilAsync(Moment, () => Volatile.Read(ref counted) > 0);
        slow.Acknowledges = true;
        await slow.AcknowledgeAsync(1, last.Payload.Sequence);
        var ending = slow.TurnEndedAsync("story");
        await _time.AdvanceUntilAsync(Moment, () => ending.IsCompleted);
        await ending;
        await _speaker.SendAudioAsync(Speech.Create(Rate, Rate), "next", end: true);
        await slow.WaitForAsync(response => response.Payload is { TurnId: "next", TurnSealed: not null });

        FeedAssert.Contiguous(slow.Received);
        var missed = slow.Received.Where(response => response.Skipped is not null).Select(response => response.Skipped.Reason).ToList();
        Assert.NotEmpty(missed);
        Assert.All(missed, reason => Assert.Equal(SkipReason.ReaderTooSlow, reason));
        Assert.Equal(policy, slow.Started.SlowReaderPolicy);
        byte[] heard = [.. slow.Received.Payloads().Where(payload => payload.TurnId == "story").Audio()];
        Assert.Equal(policy == SlowReaderPolicy.DropMotion, heard.Length == _pcm.Length);
        Assert.Contains(slow.Received.Payloads(), payload => payload.TurnId == "next" && payload.Motion is not null);
    }

    [Fact]
    public async Task AReaderThatAcknowledgesLate_ButWithinTheTime_IsNotEnded()
    {
        using var late = await FeedReader.OpenAsync(_gateway.Feed, SessionId, acknowledges: false);
        await SayAsync();
        var last = await late.WaitForAsync(response => response.Payload?.Audio?.FirstSample > Rate);
        _time.Advance(WriteTimeout - Moment);

        await late.AcknowledgeAsync(1, last.Payload.Sequence);
        await late.WaitForAsync(response => response.Payload?.Audio?.FirstSample > last.Payload.Audio.FirstSample + Rate);
        _time.Advance(WriteTimeout - Moment);

        late.Acknowledges = true;
        await late.AcknowledgeAsync(1, late.Received.Payloads().Last().Sequence);
        await late.WaitForAsync(response => response.Payload?.TurnSealed is not null);
    }

    [Fact]
    public async Task WithoutAcknowledgements_AllIsSent()
    {
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.WithoutAcknowledgements = true, acknowledges: false);
        await SayAsync();
        await reader.WaitForAsync(response => response.Payload?.TurnSealed is not null);

        Assert.Equal(_pcm, reader.Received.Payloads().Audio());
    }

    [Fact]
    public async Task EventsAndInterrupts_OvertakeTheMediaThatAFullWindowHolds()
    {
        using var mute = await FeedReader.OpenAsync(_gateway.Feed, SessionId, acknowledges: false);
        await SayAsync();

        var answer = await _speaker.InterruptAsync();
        var ended = await mute.TurnEndedAsync("story");

        Assert.Equal((TurnOutcome.Interrupted, answer.Discarded), (ended.Outcome, ended.Discarded));
        FeedAssert.Contiguous(mute.Received);
    }

    // The transport's buffers take a little; then nothing of what waits for the network is a loss to others.
    [Fact]
    public async Task AReaderThatReadsNothing_IsEndedWhenAWriteHasWaitedTooLong()
    {
        using var deaf = _gateway.Feed.Subscribe();
        var start = new StartFeed { SessionId = SessionId, WithoutAcknowledgements = true };
        await deaf.RequestStream.WriteAsync(new SubscribeRequest { Start = start });
        Assert.True(await deaf.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        using var good = await FeedReader.OpenAsync(_gateway.Feed, SessionId);
        for (int i = 0; i < 150; i++)
        {
            var message = new ViewerMessage { Kind = "filler", Text = new('x', 16_384) };
            await _speaker.SendAsync(new SpeakRequest { ViewerMessage = message });
            await _speaker.WaitForAsync(response => response.Payload?.ViewerMessage is not null);
            await good.WaitForAsync(response => response.Payload?.ViewerMessage is not null);
        }

        await _time.AdvanceUntilAsync(Moment, () => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = SessionId }).Session.ReaderCount == 2);

        await Testing.Eventually.TrueAsync(
            () => _gateway.Log.Entries.Any(entry => entry.Message.Contains("ReaderTooSlow", StringComparison.Ordinal)));
        await SayAsync();
        await good.WaitForAsync(response => response.Payload?.TurnSealed is not null);
    }

    private async Task SayAsync()
    {
        await _speaker.SendAudioAsync(_pcm, "story", end: true);
        await _speaker.WaitForAsync(response => response.Payload?.TurnSealed is not null);
    }

    private MeterListener Listen(SlowReaderPolicy policy, Action counted)
    {
        string name = policy == SlowReaderPolicy.DropMotion ? "drop_motion" : "skip_turn";
        var factory = _gateway.App.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name == "motiongateway.gateway.slow_readers")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (Equals(tags[0].Value, name))
            {
                counted();
            }
        });
        listener.Start();
        return listener;
    }

    private bool IsOver() => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = SessionId })
        .Session.Turns is [.., { State: TurnState.Ended }];
}
