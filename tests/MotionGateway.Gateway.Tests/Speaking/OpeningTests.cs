using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>While the Motion Server is slow to answer, the stream is read: only <c>opened</c> waits.</summary>
public sealed class OpeningTests : IAsyncLifetime
{
    private const string SlowAvatar = "fault-confirmation-slow";

    private readonly byte[] _pcm = Speech.Create(16000, 8000);
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync(
        motion: options => options.FaultDelay = TimeSpan.FromSeconds(1));

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Speech_SentBeforeOpened_IsTakenAndSpoken()
    {
        using var speaker = await BeginAsync();
        await speaker.SayAsync(_pcm, "one");
        await speaker.FinishAsync();
        var taken = await WaitForSessionAsync(session => session.Turns is [{ Complete: true }]);
        var status = await speaker.WaitForEndAsync();

        Assert.Equal("", taken.ConnectionId);
        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.NotNull(speaker.Received[0].Opened);
        FeedAssert.Whole(speaker.Received.Payloads(), "one", _pcm, 16000);
        Assert.NotNull(speaker.Received[^1].Closed);
    }

    [Fact]
    public async Task Interrupt_SentBeforeOpened_IsDone()
    {
        using var speaker = await BeginAsync();
        await speaker.SayAsync(_pcm, "one");
        await speaker.SendAsync(new SpeakRequest { Interrupt = new Interrupt() });
        await speaker.SayAsync(_pcm, "two");
        await speaker.TurnEndedAsync("two");

        Assert.NotNull(speaker.Received[0].Opened);
        Assert.Equal([("one", TurnOutcome.Interrupted), ("two", TurnOutcome.Completed)], speaker.Received.Payloads().Ended());
        Assert.Equal("one", (await speaker.FindAsync(response => response.InterruptAcknowledged)).TurnId);
    }

    [Fact]
    public async Task Close_SentBeforeOpened_EndsTheCallAsClosed()
    {
        using var speaker = await BeginAsync();
        await speaker.SendAsync(new SpeakRequest { Close = new CloseSession { Reason = "never mind" } });

        var status = await speaker.WaitForEndAsync();

        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.Equal("never mind", speaker.Received[^1].Closed.Reason);
    }

    [Fact]
    public async Task ACallerThatLeavesBeforeOpened_LeavesNoSessionAndNoConnection()
    {
        var speaker = await BeginAsync();
        await WaitForSessionAsync(_ => true);
        speaker.Dispose();

        await Testing.Eventually.TrueAsync(() => !List().Any(session => session.State != SessionState.Closed));
        await Testing.Eventually.EqualAsync(0, () => _gateway.MotionServer.Counters.ConnectionsOpen);
    }

    [Fact]
    public async Task ASessionThatCannotBeConnected_IsRefusedWithTheReasonAndGone()
    {
        using var speaker = await BeginAsync("fault-server-error-4003@handshake");
        await speaker.SayAsync(_pcm, "one");

        var status = await speaker.WaitForEndAsync();

        Assert.StartsWith("MOTION_SERVER_CONCURRENCY_LIMIT", status.Detail, StringComparison.Ordinal);
        Assert.Empty(List());
    }

    private async Task<Speaker> BeginAsync(string avatarId = SlowAvatar)
    {
        var speaker = Speaker.Start(_gateway.Speech);
        var format = new AudioFormat { SampleRate = 16000 };
        await speaker.SendAsync(new SpeakRequest { Open = new OpenSession { AvatarId = avatarId, AudioFormat = format } });
        return speaker;
    }

    private async Task<V1.Session> WaitForSessionAsync(Func<V1.Session, bool> condition)
    {
        V1.Session? found = null;
        await Testing.Eventually.TrueAsync(() => (found = List().FirstOrDefault(condition)) is not null);
        return found!;
    }

    private Google.Protobuf.Collections.RepeatedField<V1.Session> List() => _gateway.Sessions.ListSessions(new ListSessionsRequest()).Sessions;
}
