using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>What a viewer that does not keep up gets, by the policy that it asked for.</summary>
public sealed class SlowViewerPolicyTests
{
    private const int WindowBytes = 16 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<string?> _counted = [];

    [Fact]
    public async Task DropMotion_TheTurnGoesOnAsSpeechAndTheNextHasMotion()
    {
        await using var test = await StartAsync();
        using var listener = test.Listen("motiongateway.relay.slow_viewers", _counted.Enqueue);
        var session = test.AddSession();
        session.Start("t1");
        Speak(session, "t1", 20);
        using var slow = await ViewAsync(test, SlowReaderPolicy.DropMotion);
        await FillAsync(slow);

        await SpareAsync();
        var last = slow.Payloads.Last();
        await slow.AcknowledgeAsync(1, last.Sequence);
        slow.Acknowledges = true;
        Speak(session, "t1", 20);
        session.Say("hello");
        session.End("t1");
        session.Start("t2");
        Speak(session, "t2", 1);
        await slow.ReceiveThroughAsync(session.End("t2"));

        slow.AssertContiguous();
        Assert.DoesNotContain(slow.Payloads, payload => payload.TurnId == "t1" && payload.Motion is not null && payload.Sequence > last.Sequence);
        Assert.Equal(40, slow.Payloads.Count(payload => payload.TurnId == "t1" && payload.Audio is not null));
        Assert.Single(slow.Payloads, payload => payload.ViewerMessage is not null);
        Assert.Single(slow.Payloads, payload => payload.TurnId == "t2" && payload.Motion is not null);
        Assert.All(slow.Received.Where(response => response.Skipped is not null), response => Assert.Equal(SkipReason.ReaderTooSlow, response.Skipped.Reason));
        Assert.Equal(["drop_motion"], _counted);
    }

    [Fact]
    public async Task DropMotion_SpeechAloneWaitsAsLongAgain_TheFeedEnds()
    {
        await using var test = await StartAsync();
        using var listener = test.Listen("motiongateway.relay.slow_viewers", _counted.Enqueue);
        var session = test.AddSession();
        session.Start("t1");
        Speak(session, "t1", 20);
        using var slow = await ViewAsync(test, SlowReaderPolicy.DropMotion);
        await FillAsync(slow);
        var ending = slow.ReceiveToEndAsync();
        await SpareAsync();
        Assert.False(ending.IsCompleted);

        await _time.AdvanceUntilAsync(Moment, () => ending.IsCompleted);

        Assert.Equal(ErrorReason.ReaderTooSlow, (await ending)?.Reason);
        Assert.Equal(4543, slow.CloseCode);
        slow.AssertContiguous();
    }

    [Fact]
    public async Task SkipTurn_ItsMediaIsLeftOutAndTheNextTurnGoesOn()
    {
        await using var test = await StartAsync();
        using var listener = test.Listen("motiongateway.relay.slow_viewers", _counted.Enqueue);
        var session = test.AddSession();
        session.Start("t1");
        Speak(session, "t1", 20);
        using var slow = await ViewAsync(test, SlowReaderPolicy.SkipTurn);
        await FillAsync(slow);

        await SpareAsync();
        long hello = session.Say("hello");
        Speak(session, "t1", 20);
        long ended = session.End("t1");
        await slow.ReceiveThroughAsync(ended);
        var last = slow.Payloads.Last(payload => payload.Audio is not null || payload.Motion is not null);
        Assert.True(last.Sequence < hello);
        await slow.AcknowledgeAsync(1, ended);
        session.Start("t2");
        Speak(session, "t2", 1);
        await slow.ReceiveThroughAsync(session.End("t2"));

        slow.AssertContiguous();
        Assert.Single(slow.Payloads, payload => payload.ViewerMessage is not null);
        Assert.Equal(2, slow.Payloads.Count(payload => payload.TurnId == "t2" && (payload.Audio is not null || payload.Motion is not null)));
        Assert.Equal(["skip_turn"], _counted);
    }

    [Fact]
    public async Task SkipTurn_ComesBackByPosition_GetsWhatItWasSpared()
    {
        await using var test = await StartAsync();
        using var listener = test.Listen("motiongateway.relay.slow_viewers", _counted.Enqueue);
        var session = test.AddSession();
        session.Start("t1");
        Speak(session, "t1", 20);
        var slow = await ViewAsync(test, SlowReaderPolicy.SkipTurn);
        await FillAsync(slow);
        await SpareAsync();
        long end = session.End("t1");
        await slow.ReceiveThroughAsync(end);
        long from = slow.Received.Single(response => response.Skipped is not null).Skipped.Range.From;
        slow.Dispose();

        using var back = await test.ViewAsync(start => start.Position = new Position { Epoch = 1, Sequence = from - 1 });
        await back.ReceiveThroughAsync(end);

        Assert.Equal(Enumerable.Range((int)from, (int)(end - from + 1)), back.Payloads.Select(payload => (int)payload.Sequence));
    }

    // The gateway judges what is read there; what it leaves out of a turn the relay's window must not bring back.
    [Fact]
    public async Task CatchUp_CarriesThePolicyAndStaysUntilTheTurnThatIsSparedHasEnded()
    {
        await using var test = await StartAsync();
        var session = test.AddSession();
        session.SparesReaders = true;
        session.Start("t1");
        using var first = await test.ViewAsync(start => start.ReaderId = "first");
        Speak(session, "t1", 250);
        await first.ReceiveThroughAsync(session.Say("beyond the window"));
        using var late = await test.ViewAsync(
            start =>
            {
                start.ReaderId = "late";
                start.Position = new Position { Epoch = 1, Sequence = 0 };
                start.SlowReaderPolicy = SlowReaderPolicy.SkipTurn;
            },
            acknowledge: false);
        long spared = (await late.ReceiveUntilAsync(response => response.Skipped is not null)).Skipped.Range.From;
        session.SparesReaders = false;
        late.Acknowledges = true;
        Speak(session, "t1", 5);
        session.End("t1");
        session.Start("t2");
        Speak(session, "t2", 1);
        await late.ReceiveThroughAsync(session.End("t2"));

        late.AssertContiguous();
        Assert.Contains(session.Subscriptions, start => start.SlowReaderPolicy == SlowReaderPolicy.SkipTurn);
        Assert.DoesNotContain(late.Payloads, payload => payload.TurnId == "t1" && payload.Audio is not null && payload.Sequence >= spared);
        Assert.Contains(late.Payloads, payload => payload.TurnId == "t2" && payload.Audio is not null);
    }

    [Theory]
    [InlineData(SlowReaderPolicy.Unspecified, SlowReaderPolicy.Disconnect)]
    [InlineData(SlowReaderPolicy.Disconnect, SlowReaderPolicy.Disconnect)]
    [InlineData(SlowReaderPolicy.DropMotion, SlowReaderPolicy.DropMotion)]
    [InlineData(SlowReaderPolicy.SkipTurn, SlowReaderPolicy.SkipTurn)]
    public async Task Started_TellsThePolicy(SlowReaderPolicy asked, SlowReaderPolicy told)
    {
        await using var test = await StartAsync();
        test.AddSession();
        using var viewer = await ViewAsync(test, asked);

        Assert.Equal(told, viewer.Started.SlowReaderPolicy);
    }

    [Fact]
    public async Task Start_PolicyThatThereIsNot_IsRefused()
    {
        await using var test = await StartAsync();
        test.AddSession();
        using var viewer = await ViewAsync(test, (SlowReaderPolicy)99);

        Assert.Equal(ErrorReason.InvalidRequest, (await viewer.ReceiveToEndAsync())?.Reason);
    }

    private Task<RelayUnderTest> StartAsync() => RelayUnderTest.StartAsync(
        options =>
        {
            options.WindowBytes = WindowBytes;
            options.LogBytes = 1024 * 1024;
            options.SlowViewerTimeout = Limit;
            options.HeartbeatInterval = TimeSpan.FromMinutes(1);
        },
        _time);

    private static Task<TestViewer> ViewAsync(RelayUnderTest test, SlowReaderPolicy policy) =>
        test.ViewAsync(start => start.SlowReaderPolicy = policy, acknowledge: false);

    // A window holds five pieces.
    private static Task<SubscribeResponse> FillAsync(TestViewer viewer) => viewer.ReceiveThroughAsync(6);

    private Task SpareAsync() => _time.AdvanceUntilAsync(Moment, () => !_counted.IsEmpty);

    private static void Speak(FakeSession session, string turnId, int pieces)
    {
        for (int i = 0; i < pieces; i++)
        {
            session.Audio(turnId);
            session.Motion(turnId);
        }
    }
}
