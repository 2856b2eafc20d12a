using Google.Protobuf;
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
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 40 + (2 * LogEntry.OverheadBytes) });
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
        Assert.Equal((ErrorReason.GatewayUnavailable, "gone"), (f.Log.Fault!.Reason, f.Log.Fault.Message));
        Assert.NotSame(f.Log.Fault, f.Log.Fault);
    }

    [Fact]
    public void Frame_OfAPayload_IsProtobufJsonAndKept()
    {
        var f = new LogFixture();
        var entry = f.Message();

        string json = System.Text.Encoding.UTF8.GetString(Json(entry).Span);

        Assert.Equal(SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span), SubscribeResponse.Parser.ParseJson(json));
        Assert.Contains("viewerMessage", json, StringComparison.Ordinal);
        Assert.True(Json(entry).Equals(Json(entry)));
    }

    [Fact]
    public void Frame_OfAPayload_CountsAmongTheLogsBytesUntilItLeaves()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 1000 + (2 * LogEntry.OverheadBytes) });
        var old = f.Audio("a", 300);
        var entry = f.Message();

        int size = Json(entry).Length;
        int overhead = 2 * LogEntry.OverheadBytes;
        Assert.Equal(old.Encoded.Length + entry.Encoded.Length + size + overhead, f.Log.Bytes);
        Assert.True(Json(old).Length > 400);
        f.Audio("a", 300);
        Assert.Equal(2, f.Log.Available!.Value.From);
        Assert.InRange(f.Log.Bytes, 300 + entry.Encoded.Length + size + overhead, 400 + entry.Encoded.Length + size + overhead);
    }

    [Fact]
    public void Frame_OfAnEntryThatHasLeftOrIsForOneReader_IsNotCounted()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 1000 + (3 * LogEntry.OverheadBytes) });
        f.Start("a");
        var old = f.Audio("a", 300);
        f.Audio("a", 700);
        f.Message();
        f.Interrupt("a", 4, 4);
        f.OpenAt(2).TryRead(out var declaration);
        long bytes = f.Log.Bytes;

        Assert.Equal("3-3 Interrupted", LogFixture.Describe(declaration));
        Assert.Equal(3, f.Log.Available!.Value.From);
        Assert.NotEmpty(Json(old).ToArray());
        Assert.NotEmpty(Json(declaration).ToArray());
        Assert.Equal(bytes, f.Log.Bytes);
    }

    [Fact]
    public async Task Frame_FromManyThreads_IsMadeOnce()
    {
        var f = new LogFixture();
        for (int i = 0; i < 50; i++)
        {
            var entry = f.Audio("a", 2000);
            var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Json(entry))));
            Assert.All(made, json => Assert.True(json.Equals(made[0])));
        }

        Assert.InRange(f.Log.Bytes, 50 * (2000 + 2600), 50 * (2100 + 3000));
    }

    private static ReadOnlyMemory<byte> Json(LogEntry entry) => entry.GetFrame(JsonFrames.Instance);

    private static byte[] Message(uint epoch, long sequence) =>
        PayloadEncoder.Encode(new Payload { Epoch = epoch, Sequence = sequence, ViewerMessage = new ViewerMessage() });

    private static ErrorReason Refusal(Action action) => Assert.Throws<GatewayException>(action).Reason;

    private sealed class JsonFrames : IFrameFormat
    {
        public static JsonFrames Instance { get; } = new();

        public byte[] CreateFrame(ReadOnlyMemory<byte> encoded) =>
            System.Text.Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(SubscribeResponse.Parser.ParseFrom(encoded.Span)));
    }
}
