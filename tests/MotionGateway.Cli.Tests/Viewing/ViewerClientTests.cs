using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Viewing;

public sealed class ViewerClientTests
{
    private static readonly FeedException Lost = new("lost", ErrorReason.Unspecified, isRetryable: true);

    [Fact]
    public async Task ReadAsync_ConnectionLost_ResumesAfterTheLastPosition()
    {
        ScriptedFeed[] feeds = [new([Started(0), Audio(1), Audio(2)], Lost), new([Started(2), Audio(3), Ended(4)], null)];
        var viewer = Viewer(feeds);

        long[] sequences = await ReadAsync(viewer);

        Assert.Equal([1, 2, 3, 4], sequences);
        Assert.Equal(FeedStart.CurrentTurn, feeds[0].Requests[0].Start.Start);
        Assert.Equal(new Position { Epoch = 1, Sequence = 2 }, feeds[1].Requests[0].Start.Position);
        Assert.Equal(feeds[0].Requests[0].Start.ReaderId, feeds[1].Requests[0].Start.ReaderId);
        Assert.True(viewer.Contiguity.IsContiguous);
        Assert.Equal(1, viewer.Reconnects);
        Assert.All(feeds, feed => Assert.True(feed.IsDisposed));
    }

    [Fact]
    public async Task ReadAsync_Payloads_AreAcknowledged()
    {
        ScriptedFeed[] feeds = [new([Started(0), Audio(1), Skipped(2, 5), Ended(6)], null)];

        await ReadAsync(Viewer(feeds));

        Assert.Equal([1, 5, 6], feeds[0].Requests.Skip(1).Select(request => request.Acknowledge.Position.Sequence));
    }

    [Fact]
    public async Task ReadAsync_Heartbeat_IsAnswered()
    {
        ScriptedFeed[] feeds = [new([Started(0), new SubscribeResponse { Heartbeat = new Heartbeat() }, Ended(1)], null)];

        await ReadAsync(Viewer(feeds));

        Assert.Equal(SubscribeRequest.RequestOneofCase.Heartbeat, feeds[0].Requests[1].RequestCase);
    }

    [Fact]
    public async Task ReadAsync_PositionLost_BeginsAnewAtTheCurrentTurn()
    {
        var expired = new FeedException("expired", ErrorReason.SequenceExpired, isRetryable: false);
        ScriptedFeed[] feeds = [new([Started(0), Audio(1)], Lost), new([], expired), new([Started(7), Ended(8)], null)];
        var viewer = Viewer(feeds);

        await ReadAsync(viewer);

        Assert.Equal(FeedStart.CurrentTurn, feeds[2].Requests[0].Start.Start);
        Assert.Null(feeds[2].Requests[0].Start.Position);
        Assert.True(viewer.Contiguity.IsContiguous);
    }

    [Fact]
    public async Task ReadAsync_NotRetryable_Fails()
    {
        var refused = new FeedException("refused", ErrorReason.ViewerTokenInvalid, isRetryable: false);

        var failure = await Assert.ThrowsAsync<FeedException>(() => ReadAsync(Viewer([new([], refused)])));

        Assert.Same(refused, failure);
    }

    [Fact]
    public async Task ReadAsync_TooManyAttempts_Fails() =>
        await Assert.ThrowsAsync<FeedException>(() => ReadAsync(Viewer([new([], Lost), new([], Lost), new([], Lost)], maxAttempts: 1)));

    [Fact]
    public async Task ReadAsync_ResumedElsewhere_IsNotContiguous()
    {
        var viewer = Viewer([new([Started(0), Audio(1)], Lost), new([Started(3), Ended(4)], null)]);

        await ReadAsync(viewer);

        Assert.False(viewer.Contiguity.IsContiguous);
    }

    private static ViewerClient Viewer(ScriptedFeed[] feeds, int maxAttempts = 5)
    {
        int next = 0;
        return new ViewerClient(_ => Task.FromResult<IFeedConnection>(feeds[next++]), new ViewerStart("s", "t")) { MaxAttempts = maxAttempts };
    }

    private static async Task<long[]> ReadAsync(ViewerClient viewer)
    {
        var sequences = new List<long>();
        await foreach (var response in viewer.ReadAsync(CancellationToken.None))
        {
            if (response.Payload is { } payload)
            {
                sequences.Add(payload.Sequence);
            }
        }

        return [.. sequences];
    }

    private static SubscribeResponse Started(long after) =>
        new() { Started = new FeedStarted { Position = new Position { Epoch = 1, Sequence = after } } };

    private static SubscribeResponse Audio(long sequence) =>
        new() { Payload = new Payload { Epoch = 1, Sequence = sequence, TurnId = "t", Audio = new V1.Audio() } };

    private static SubscribeResponse Ended(long sequence) =>
        new() { Payload = new Payload { Epoch = 1, Sequence = sequence, SessionEnded = new SessionEnded() } };

    private static SubscribeResponse Skipped(long from, long through) =>
        new() { Skipped = new SequenceSkipped { Epoch = 1, Range = new SequenceRange { From = from, Through = through } } };
}
