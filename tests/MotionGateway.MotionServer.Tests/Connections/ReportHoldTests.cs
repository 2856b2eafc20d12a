using Microsoft.Extensions.Time.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class ReportHoldTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly List<string?> _told = [];
    private readonly ReportHold _hold;

    public ReportHoldTests() => _hold = new ReportHold(_time, Patience, report => _told.Add(report.RequestId));

    public void Dispose() => _hold.Dispose();

    [Fact]
    public void Add_NothingFollows_IsToldAfterTheMoment()
    {
        _hold.Add(Report("a"));

        _time.Advance(ReportHold.Moment - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_told);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(["a"], _told);
    }

    [Fact]
    public void Add_Another_TellsTheFirstAndGivesTheSecondItsMoment()
    {
        _hold.Add(Report("a"));
        _time.Advance(ReportHold.Moment / 2);
        _hold.Add(Report("b"));
        _time.Advance(ReportHold.Moment / 2);
        Assert.Equal(["a"], _told);

        _time.Advance(ReportHold.Moment / 2);
        Assert.Equal(["a", "b"], _told);
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData(null, "a", true)]
    [InlineData("a", "b", false)]
    public void GoOn_WithTheReportsRequest_TellsIt(string? reported, string goesOn, bool isTold)
    {
        _hold.Add(Report(reported));

        _hold.GoOn(goesOn);

        Assert.Equal(isTold, _told.Count == 1);
    }

    [Fact]
    public void TakeForEnd_Held_IsWhatTheEndBelongsToAndNobodyIsTold()
    {
        _hold.Add(Report("a"));

        Assert.Equal("a", _hold.TakeForEnd(out bool isDelivered)?.RequestId);
        _time.Advance(ReportHold.Moment);

        Assert.False(isDelivered);
        Assert.Empty(_told);
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(11, false)]
    public void TakeForEnd_ToldAndNothingFollowed_IsWhatTheEndBelongsToForAWhile(int seconds, bool belongs)
    {
        _hold.Add(Report("a"));
        _time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(belongs, _hold.TakeForEnd(out bool isDelivered) is not null);
        Assert.True(isDelivered);
    }

    [Fact]
    public void TakeForEnd_ToldAndTheServerWentOn_IsNothing()
    {
        _hold.Add(Report("a"));
        _time.Advance(ReportHold.Moment);
        _hold.GoOn("b");

        Assert.Null(_hold.TakeForEnd(out _));
    }

    [Fact]
    public void TakeForEnd_ToldWhileOthersWentOn_IsNothing()
    {
        _hold.Add(Report("a"));
        _hold.GoOn("b");
        _time.Advance(ReportHold.Moment);

        Assert.Null(_hold.TakeForEnd(out _));
        Assert.Equal(["a"], _told);
    }

    [Fact]
    public void Flush_Held_IsToldOnce()
    {
        _hold.Add(Report("a"));

        _hold.Flush();
        _hold.Flush();
        _time.Advance(ReportHold.Moment);

        Assert.Equal(["a"], _told);
    }

    [Theory]
    [InlineData(Code.InvalidRequest, "a", false)]
    [InlineData(Code.InvalidRequest, null, true)]
    [InlineData(Code.ServerError, "a", true)]
    public void TakeForEnd_OthersWentOn_BelongsUnlessTheReportIsAboutItsRequestAlone(Code code, string? reported, bool belongs)
    {
        _hold.Add(Report(reported, code));
        if (reported is not null)
        {
            _hold.GoOn("b");
        }

        Assert.Equal(belongs, _hold.TakeForEnd(out _) is not null);
        Assert.Equal(belongs ? 0 : 1, _told.Count);
    }

    private static MotionServerException Report(string? requestId, Code code = Code.UpstreamError) =>
        new(code, MotionServerPhase.WebSocketRuntime, "reported") { RequestId = requestId };
}
