using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>How long a peer may be silent, and a request may take to come: nothing happens within, and what is told beyond.</summary>
public sealed class PeerLimitsTests : IAsyncLifetime
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(
            options => (options.HeartbeatInterval, options.HeartbeatTimeout) = (Interval, Timeout), time: _time);
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
    }

    public async Task DisposeAsync()
    {
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task HeartbeatTimeout_OfASpeakerThatSendsSomethingWithin_EndsTheStreamOnlyWhenItFallsSilent()
    {
        await _speaker.SendAsync(new SpeakRequest { Heartbeat = new Heartbeat() });
        await AssertTimesOutAsync(() => _speaker.InterruptAsync(), () => _speaker.WaitForEndAsync());

        Assert.Equal(SessionState.Detached, (await _gateway.GetSessionAsync(_speaker.SessionId)).State);
    }

    [Fact]
    public async Task HeartbeatTimeout_OfAReaderThatSendsSomethingWithin_EndsTheStreamOnlyWhenItFallsSilent()
    {
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId);
        await reader.SendAsync(new SubscribeRequest { Heartbeat = new Heartbeat() });
        await AssertTimesOutAsync(
            async () =>
            {
                // What is empty is refused, and something all the same.
                await reader.SendAsync(new SubscribeRequest());
                await reader.WaitForAsync(response => response.Refused is not null);
            },
            async () => (await reader.ReadToFailureAsync()).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Heartbeat_OfAStreamThatHasSentSomethingElse_ComesTheIntervalAfterThat(bool isSpeaker)
    {
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId);
        _time.Advance(Interval - Moment);
        await _speaker.SendAsync(new SpeakRequest { ViewerMessage = new ViewerMessage { Kind = "k", Text = "t" } });
        await _speaker.WaitForAsync(response => response.Payload?.ViewerMessage is not null);
        await reader.WaitForAsync(response => response.Payload?.ViewerMessage is not null);
        var sent = _time.GetUtcNow();

        var coming = isSpeaker
            ? HeartbeatAsync(_speaker.WaitForAsync(response => response.Heartbeat is not null))
            : HeartbeatAsync(reader.WaitForAsync(response => response.Heartbeat is not null));
        await _time.AdvanceUntilAsync(Moment, () => coming.IsCompleted);

        Assert.InRange((await coming).Time.ToDateTimeOffset() - sent, Interval - LazyTimer.Together, Interval);
    }

    [Fact]
    public async Task Heartbeat_OfAReaderWhileATurnIsUnderWay_ComesSooner()
    {
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId);
        await _speaker.SendAudioAsync(Speech.Create(16000, 200), "turn", end: false);
        var speaking = reader.WaitForAsync(response => response.Payload?.Audio is not null);
        await _time.AdvanceUntilAsync(Moment, () => speaking.IsCompleted);
        var since = _time.GetUtcNow();

        var coming = HeartbeatAsync(reader.WaitForAsync(response => response.Heartbeat?.Time.ToDateTimeOffset() > since));
        await _time.AdvanceUntilAsync(Moment / 5, () => coming.IsCompleted);

        Assert.InRange((await coming).Time.ToDateTimeOffset() - since, TimeSpan.Zero, Interval / 3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task RequestTimeout_WithinAtBeyond_CountsFromTheBeginningOfEachRequest(int restOfTheLast)
    {
        var pipe = new Pipe();
        using var budget = new RequestBudget();
        using var body = new BoundedRequestBody(pipe.Reader, budget, Timeout, _time);
        byte[] request = [0, 0, 0, 0, 20, .. new byte[20]];
        for (int i = 0; i < 2; i++)
        {
            await pipe.Writer.WriteAsync(request.AsMemory(0, 10));
            Examine(await body.ReadAsync());
            var reading = body.ReadAsync().AsTask();
            _time.Advance(Timeout - Moment);
            Assert.False(reading.IsCompleted);
            await pipe.Writer.WriteAsync(request.AsMemory(10));
            var whole = await reading.DefaultTimeout();
            Assert.Equal(request.Length, whole.Buffer.Length);
            body.AdvanceTo(whole.Buffer.End);
        }

        // No request has begun: that may last.
        var waiting = body.ReadAsync().AsTask();
        _time.Advance(2 * Timeout);
        Assert.False(waiting.IsCompleted);
        await pipe.Writer.WriteAsync(request.AsMemory(0, 5 + (restOfTheLast / 2)));
        Examine(await waiting.DefaultTimeout());
        var late = body.ReadAsync().AsTask();
        _time.Advance(Timeout);
        var fault = await Assert.ThrowsAsync<RpcException>(() => late.DefaultTimeout());

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(ErrorReason.HeartbeatTimeout, failure.Reason);

        void Examine(ReadResult read) => body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
    }

    private static async Task<Heartbeat> HeartbeatAsync(Task<SpeakResponse> response) => (await response).Heartbeat;

    private static async Task<Heartbeat> HeartbeatAsync(Task<SubscribeResponse> response) => (await response).Heartbeat;

    private async Task AssertTimesOutAsync(Func<Task> sendSomething, Func<Task<Status>> readToEnd)
    {
        await sendSomething();
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(Timeout - Moment);
            await sendSomething();
        }

        var silentSince = _time.GetUtcNow();
        var ending = readToEnd();
        await _time.AdvanceUntilAsync(Moment, () => ending.IsCompleted);

        Assert.StartsWith("HEARTBEAT_TIMEOUT", (await ending).Detail, StringComparison.Ordinal);
        Assert.InRange(_time.GetUtcNow() - silentSince, Timeout, TimeSpan.MaxValue);
    }
}
