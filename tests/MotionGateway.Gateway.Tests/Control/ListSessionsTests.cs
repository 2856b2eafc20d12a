using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Which sessions there are, by page and by filter.</summary>
public sealed class ListSessionsTests : IAsyncLifetime
{
    private readonly List<Speaker> _speakers = [];
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync(options =>
        options.Apps["other"] = new AppOptions { MotionServer = options.MotionServer });

    public async Task DisposeAsync()
    {
        _speakers.ForEach(speaker => speaker.Dispose());
        await _gateway.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task PageByPage_GivesEachOnceOldestFirst(int pageSize)
    {
        for (int i = 0; i < 5; i++)
        {
            await OpenAsync();
        }

        var seen = new List<string>();
        var request = new ListSessionsRequest { PageSize = pageSize };
        do
        {
            var response = await _gateway.Sessions.ListSessionsAsync(request);
            Assert.InRange(response.Sessions.Count, 1, pageSize);
            seen.AddRange(Ids(response));
            request.PageToken = response.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(_speakers.Select(speaker => speaker.SessionId), seen);
    }

    [Fact]
    public async Task PageByPage_SessionsThatComeAndGoMeanwhile_CostTheOthersNothing()
    {
        for (int i = 0; i < 4; i++)
        {
            await OpenAsync();
        }

        var first = await _gateway.Sessions.ListSessionsAsync(new ListSessionsRequest { PageSize = 2, State = SessionState.Active });
        await CloseAsync(_speakers[1]);
        await OpenAsync();
        var rest = await _gateway.Sessions.ListSessionsAsync(
            new ListSessionsRequest { State = SessionState.Active, PageToken = first.NextPageToken });

        Assert.Equal(_speakers.Select(speaker => speaker.SessionId), Ids(first).Concat(Ids(rest)));
        Assert.Equal("", rest.NextPageToken);
    }

    [Fact]
    public async Task Filters_GiveOnlyWhatMatchesAllOfThem()
    {
        var one = await OpenAsync(open => open.Labels.Add(new Dictionary<string, string> { ["room"] = "a", ["floor"] = "1" }));
        var two = await OpenAsync(open => open.Labels.Add("room", "a"));
        var three = await OpenAsync(open => (open.AvatarId, open.App) = ("avatar-2", "other"));
        await CloseAsync(two);

        await AssertGivesAsync(new ListSessionsRequest { Labels = { ["room"] = "a" } }, one, two);
        await AssertGivesAsync(new ListSessionsRequest { Labels = { ["room"] = "a", ["floor"] = "1" } }, one);
        await AssertGivesAsync(new ListSessionsRequest { Labels = { ["room"] = "b" } });
        await AssertGivesAsync(new ListSessionsRequest { AvatarId = "avatar-2" }, three);
        await AssertGivesAsync(new ListSessionsRequest { App = "other" }, three);
        await AssertGivesAsync(new ListSessionsRequest { State = SessionState.Closed }, two);
        await AssertGivesAsync(new ListSessionsRequest { State = SessionState.Active }, one, three);
        await AssertGivesAsync(new ListSessionsRequest { State = SessionState.Active, AvatarId = "avatar-1" }, one);
        one.Dispose();
        await Testing.Eventually.EqualAsync(
            SessionState.Detached, () => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = one.SessionId }).Session.State);
        await AssertGivesAsync(new ListSessionsRequest { State = SessionState.Detached }, one);
    }

    [Theory]
    [InlineData(-1, SessionState.Unspecified, "page_size")]
    [InlineData(1001, SessionState.Unspecified, "page_size")]
    [InlineData(0, (SessionState)99, "state")]
    public async Task ARequestThatCannotBe_NamesTheField(int pageSize, SessionState state, string field)
    {
        var fault = await Assert.ThrowsAsync<RpcException>(
            async () => await _gateway.Sessions.ListSessionsAsync(new ListSessionsRequest { PageSize = pageSize, State = state }));

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((ErrorReason.InvalidRequest, field), (failure.Reason, failure.Field));
    }

    [Fact]
    public async Task PageSize_ZeroAndTheMost_Give100And1000()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.MaxSessions = 1100);
        var settings = new Sessions.SessionSettings { AvatarId = "avatar-1", App = "default", SampleRate = 16000 };
        for (int i = 0; i < 1001; i++)
        {
            await gateway.Host.OpenAsync(settings, CancellationToken.None);
        }

        var first = await gateway.Sessions.ListSessionsAsync(new ListSessionsRequest());
        var most = await gateway.Sessions.ListSessionsAsync(new ListSessionsRequest { PageSize = 1000 });

        Assert.Equal((100, 1000), (first.Sessions.Count, most.Sessions.Count));
        Assert.NotEmpty(most.NextPageToken);
    }

    private static IEnumerable<string> Ids(ListSessionsResponse response) => response.Sessions.Select(session => session.SessionId);

    private static async Task CloseAsync(Speaker speaker)
    {
        await speaker.SendAsync(new SpeakRequest { Close = new CloseSession() });
        await speaker.WaitForEndAsync();
    }

    private async Task<Speaker> OpenAsync(Action<OpenSession>? configure = null)
    {
        _speakers.Add(await Speaker.OpenAsync(_gateway.Speech, configure));
        return _speakers[^1];
    }

    private async Task AssertGivesAsync(ListSessionsRequest request, params Speaker[] expected) =>
        Assert.Equal(expected.Select(speaker => speaker.SessionId), Ids(await _gateway.Sessions.ListSessionsAsync(request)));
}
