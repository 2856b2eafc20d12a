using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests;

public sealed class SessionLogTests
{
    [Fact]
    public void Append_OtherEpochRepetitionOrSilentGap_IsRefusedAndChangesNothing()
    {
        var f = new LogFixture();
        f.Message();

        Assert.Equal(ErrorReason.EpochChanged, Refusal(() => f.Log.Append(Message(8, 2))));
        Assert.Equal(ErrorReason.Internal, Refusal(() => f.Log.Append(Message(7, 1))));
        Assert.Equal(ErrorReason.Internal, Refusal(() => f.Log.Append(Message(7, 3))));
        Assert.Equal(ErrorReason.MalformedRequest, Refusal(() => f.Log.Append(new byte[] { 1, 2, 3 })));
        Assert.Equal(new SequenceSpan(1, 1), f.Log.Available);
    }

    [Theory]
    [InlineData(6, 0, ErrorReason.EpochChanged)]
    [InlineData(8, 3, ErrorReason.EpochChanged)]
    [InlineData(7, 4, ErrorReason.PositionAhead)]
    [InlineData(7, long.MaxValue, ErrorReason.PositionAhead)]
    [InlineData(7, 0, ErrorReason.SequenceExpired)]
    [InlineData(7, -5, ErrorReason.SequenceExpired)]
    public void OpenReader_PositionThatIsNotThere_TellsReasonAndRange(uint epoch, long sequence, ErrorReason reason)
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 40 });
        f.Message();
        f.Message();
        f.Message();
        Assert.Equal(new SequenceSpan(2, 3), f.Log.Available);

        var e = Assert.Throws<GatewayException>(() => f.Log.OpenReader(new LogPosition(epoch, sequence), 1, new AsyncSignal()));

        Assert.Equal((reason, new SequenceSpan(2, 3), 7u), (e.Reason, e.Available!.Value, e.Epoch!.Value));
    }

    [Fact]
    public void OpenReader_EmptyLog_HasNoRange()
    {
        var f = new LogFixture(start: 10);

        var e = Assert.Throws<GatewayException>(() => f.OpenAt(9));

        Assert.Equal(ErrorReason.SequenceExpired, e.Reason);
        Assert.Null(e.Available);
        Assert.Equal(10, f.OpenAt(10).Position.Sequence);
    }

    [Fact]
    public void OpenReader_OneTooMany_IsRefusedUntilOneIsDisposed()
    {
        var f = new LogFixture(new SessionLogOptions { MaxReaders = 2 });
        var first = f.OpenAt(0);
        f.Open(FeedStart.Live);

        Assert.Equal(ErrorReason.ReaderLimit, Refusal(() => f.OpenAt(0)));
        first.Dispose();
        first.Dispose();
        f.OpenAt(0);
        Assert.Equal(2, f.Log.ReaderCount);
    }

    [Fact]
    public void Append_BeyondMaxBytes_LetsTheOldestGo()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 1000 });
        var reader = f.OpenAt(0);
        f.Start("a");
        for (int i = 0; i < 50; i++)
        {
            f.Audio("a", 100);
            Assert.InRange(f.Log.Bytes, 1, 1000);
        }

        long first = f.Log.Available!.Value.From;
        Assert.True(first > 40);
        Assert.Equal($"1-{first - 1} Expired", LogFixture.ReadAll(reader)[0]);
    }

    [Fact]
    public void Append_OnePayloadLargerThanTheLog_LeavesItEmpty()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 100 });
        var reader = f.OpenAt(0);
        f.Audio("a", 500);

        Assert.Null(f.Log.Available);
        Assert.Equal(["1-1 Expired"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void Trim_AfterTheRetention_KeepsTurnsThatGoOn()
    {
        var f = new LogFixture(new SessionLogOptions { Retention = TimeSpan.FromSeconds(10) });
        f.Message();
        f.Start("a");
        f.Audio("a");
        f.Time.Advance(TimeSpan.FromSeconds(11));
        f.Log.Trim();
        Assert.Equal(new SequenceSpan(2, 3), f.Log.Available);

        f.End("a");
        Assert.Equal(new SequenceSpan(4, 4), f.Log.Available);
        f.Time.Advance(TimeSpan.FromSeconds(10));
        f.Log.Trim();
        Assert.NotNull(f.Log.Available);
        f.Time.Advance(TimeSpan.FromTicks(1));
        f.Log.Trim();
        Assert.Null(f.Log.Available);
        Assert.Equal(0, f.Log.Bytes);
    }

    [Fact]
    public void DeclareSkipped_EndOfTheTurnMayBeAmongIt_TurnIsNotKeptForEver()
    {
        var f = new LogFixture(new SessionLogOptions { Retention = TimeSpan.FromSeconds(10) });
        f.Start("a");
        f.Log.DeclareSkipped(9, SkipReason.Expired);
        Assert.False(f.Log.HasWholeCurrentTurn);
        f.Start("b");
        Assert.True(f.Log.HasWholeCurrentTurn);
        Assert.Equal(9, f.Open(FeedStart.CurrentTurn).Position.Sequence);

        f.Time.Advance(TimeSpan.FromSeconds(11));
        f.Log.Trim();

        Assert.Equal(new SequenceSpan(10, 10), f.Log.Available);
    }

    [Fact]
    public void DeclareSkipped_TurnGoesOnAfterIt_TurnIsKept()
    {
        var f = new LogFixture(new SessionLogOptions { Retention = TimeSpan.FromSeconds(10) });
        f.Start("a");
        f.Log.DeclareSkipped(9, SkipReason.Expired);
        f.Audio("a");
        f.Time.Advance(TimeSpan.FromSeconds(11));
        f.Log.Trim();

        Assert.Equal(new SequenceSpan(1, 10), f.Log.Available);
        Assert.False(f.Log.HasWholeCurrentTurn);
    }

    [Fact]
    public void Append_AfterTheEnd_IsRefused()
    {
        var f = new LogFixture();
        f.EndSession();

        Assert.True(f.Log.IsComplete);
        Assert.Null(f.Log.Fault);
        Assert.Equal(ErrorReason.SessionClosed, Refusal(() => f.Message()));
        Assert.Equal(ErrorReason.SessionClosed, Refusal(() => f.Log.DeclareSkipped(5, SkipReason.Expired)));
    }

    [Fact]
    public void Fail_ReadersTakeWhatIsThereThenReachTheEnd()
    {
        var f = new LogFixture();
        f.Start("a");
        var live = f.Open(FeedStart.Live);
        var reader = f.OpenAt(0);
        f.Audio("a");

        f.Log.Fail(new GatewayException(ErrorReason.GatewayUnavailable, "gone"));
        f.Log.Fail(new GatewayException(ErrorReason.Internal, "later"));

        Assert.Equal(["1", "2"], LogFixture.ReadAll(reader));
        Assert.Equal(["2-2 BeforeStart"], LogFixture.ReadAll(live));
        Assert.True(reader.IsAtEnd && live.IsAtEnd);
        Assert.Equal(ErrorReason.GatewayUnavailable, f.Log.Fault!.Reason);
    }

    [Fact]
    public void Json_OfAPayload_IsProtobufJsonAndKept()
    {
        var f = new LogFixture();
        var entry = f.Message();

        string json = System.Text.Encoding.UTF8.GetString(entry.Json.Span);

        Assert.Equal(SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span), SubscribeResponse.Parser.ParseJson(json));
        Assert.Contains("viewerMessage", json, StringComparison.Ordinal);
        Assert.True(entry.Json.Equals(entry.Json));
    }

    private static byte[] Message(uint epoch, long sequence) =>
        PayloadEncoder.Encode(new Payload { Epoch = epoch, Sequence = sequence, ViewerMessage = new ViewerMessage() });

    private static ErrorReason Refusal(Action action) => Assert.Throws<GatewayException>(action).Reason;
}
