using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>A viewer's token at the gateway itself: what its feed says of it, that the feed ends with it, and how it is renewed.</summary>
public sealed class ViewerTokenTests : IAsyncLifetime
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(time: _time);
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
    }

    public async Task DisposeAsync()
    {
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Started_TellsPermissionsAndTheTokensEnd()
    {
        var created = await CreateAsync(60, mayTalk: true);
        using var viewer = await ViewAsync(created.ViewerToken);
        using var service = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId);

        Assert.Equal([ViewerPermission.Talk], viewer.Started.Permissions);
        Assert.Equal(created.ExpireTime, viewer.Started.ExpiresAt);
        Assert.Equal([ViewerPermission.Interrupt, ViewerPermission.Talk], service.Started.Permissions);
        Assert.Null(service.Started.ExpiresAt);
    }

    [Fact]
    public async Task TokenThatHasExpired_IsToldApart()
    {
        var created = await CreateAsync(60);
        _time.Advance(TimeSpan.FromSeconds(66));

        var fault = await Assert.ThrowsAsync<RpcException>(() => ViewAsync(created.ViewerToken));

        Assert.Equal(StatusCode.Unauthenticated, fault.StatusCode);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((ErrorReason.ViewerTokenExpired, "start.viewer_token"), (failure.Reason, failure.Field));
    }

    [Fact]
    public async Task FeedEndsWithItsToken_AndIsToldBefore()
    {
        var created = await CreateAsync(60);
        using var viewer = await ViewAsync(created.ViewerToken);
        var expiring = viewer.WaitForAsync(response => response.TokenExpiring is not null);
        var told = await AdvanceAsync(expiring);
        var noticed = _time.GetUtcNow();
        var ending = viewer.ReadToFailureAsync();
        var fault = await AdvanceAsync(ending);

        Assert.Equal(created.ExpireTime, told.TokenExpiring.ExpiresAt);
        Assert.True(noticed < created.ExpireTime.ToDateTimeOffset(), $"told at {noticed}");
        Assert.True(_time.GetUtcNow() >= created.ExpireTime.ToDateTimeOffset() + ViewerTokens.ClockSkew, $"ended at {_time.GetUtcNow()}");
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(ErrorReason.ViewerTokenExpired, failure.Reason);
        Assert.Single(viewer.Received, response => response.TokenExpiring is not null);
    }

    [Fact]
    public async Task Renewed_TheFeedOutlivesItsFirstTokenWithTheNewOnesPermissions()
    {
        using var viewer = await ViewAsync((await CreateAsync(60)).ViewerToken);
        var renewal = await CreateAsync(3600, mayTalk: true);
        await RenewAsync(viewer, renewal.ViewerToken);
        await viewer.SendAsync(new ViewerEvent { Text = "may" });
        var renewed = (await viewer.WaitForAsync(response => response.TokenRenewed is not null)).TokenRenewed;
        await _speaker.WaitForAsync(response => response.ViewerEvent?.Text == "may");
        _time.Advance(TimeSpan.FromSeconds(100));
        await _speaker.SayAsync(Speech.Create(16000, 800), "later");
        await viewer.WaitForAsync(response => response.Payload?.TurnSealed is not null);

        Assert.Equal([ViewerPermission.Talk], renewed.Permissions);
        Assert.Equal(renewal.ExpireTime, renewed.ExpiresAt);
    }

    [Fact]
    public async Task Renewed_ByWhatDoesNotRenewIt_IsRefusedAndTheFeedGoesOn()
    {
        using var another = await Speaker.OpenAsync(_gateway.Speech);
        using var viewer = await ViewAsync((await CreateAsync(600)).ViewerToken);
        foreach (string token in (string[])["nonsense", (await CreateAsync(600, viewerId: "bob")).ViewerToken, another.Opened.ViewerToken])
        {
            await RenewAsync(viewer, token);
            var refused = (await viewer.WaitForAsync(response => response.Refused is not null)).Refused;
            Assert.Equal((ErrorReason.ViewerTokenInvalid, "renew_token.viewer_token"), (refused.Reason, refused.Field));
        }

        await _speaker.SayAsync(Speech.Create(16000, 800), "one");
        await viewer.WaitForAsync(response => response.Payload?.TurnSealed is not null);
    }

    [Fact]
    public async Task Renewed_WithoutATokenToRenew_IsRefused()
    {
        using var service = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId);
        await RenewAsync(service, _speaker.Opened.ViewerToken);

        var refused = (await service.WaitForAsync(response => response.Refused is not null)).Refused;

        Assert.Equal((ErrorReason.InvalidRequest, "renew_token"), (refused.Reason, refused.Field));
    }

    private static Task RenewAsync(FeedReader reader, string token) =>
        reader.SendAsync(new SubscribeRequest { RenewToken = new RenewViewerToken { ViewerToken = token } });

    private Task<FeedReader> ViewAsync(string token) =>
        FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId, start => start.ViewerToken = token);

    [Fact]
    public async Task Ticket_OpensFeedsOfItsReaderAlone_AndEndsWithTheToken()
    {
        var created = await CreateAsync(60, mayTalk: true);
        var ticket = await CreateTicketAsync(created.ViewerToken, "tab-1");
        using var viewer = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId, start => start.ViewerToken = ticket.Ticket);

        Assert.Equal(created.ExpireTime, ticket.ExpireTime);
        Assert.Equal(("tab-1", "tab-1"), (ticket.ReaderId, viewer.Started.ReaderId));
        Assert.Equal([ViewerPermission.Talk], viewer.Started.Permissions);
        Assert.Equal(created.ExpireTime, viewer.Started.ExpiresAt);
        AssertInvalid(
            await Assert.ThrowsAsync<RpcException>(() => FeedReader.OpenAsync(
                _gateway.Feed, _speaker.SessionId, start => (start.ViewerToken, start.ReaderId) = (ticket.Ticket, "tab-2"))),
            "start.viewer_token");
    }

    [Fact]
    public async Task Ticket_OfATicket_IsForTheSameReader()
    {
        var ticket = await CreateTicketAsync((await CreateAsync(60)).ViewerToken, "");

        Assert.NotEmpty(ticket.ReaderId);
        Assert.Equal(ticket.ReaderId, (await CreateTicketAsync(ticket.Ticket, "")).ReaderId);
        AssertInvalid(await Assert.ThrowsAsync<RpcException>(() => CreateTicketAsync(ticket.Ticket, "another")), "viewer_token");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task Ticket_WithoutAGoodToken_IsRefused(string token) =>
        AssertInvalid(await Assert.ThrowsAsync<RpcException>(() => CreateTicketAsync(token, "tab-1")), "viewer_token");

    private async Task<CreateViewerTicketResponse> CreateTicketAsync(string token, string readerId) =>
        await _gateway.Sessions.CreateViewerTicketAsync(new CreateViewerTicketRequest
        {
            SessionId = _speaker.SessionId,
            ViewerToken = token,
            ReaderId = readerId,
        });

    private static void AssertInvalid(RpcException fault, string field)
    {
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((ErrorReason.ViewerTokenInvalid, field), (failure.Reason, failure.Field));
    }

    private async Task<CreateViewerTokenResponse> CreateAsync(int seconds, string viewerId = "ann", bool mayTalk = false) =>
        await _gateway.Sessions.CreateViewerTokenAsync(new CreateViewerTokenRequest
        {
            SessionId = _speaker.SessionId,
            ViewerId = viewerId,
            LifetimeSeconds = seconds,
            MayTalk = mayTalk,
        });

    private async Task<T> AdvanceAsync<T>(Task<T> task)
    {
        await _time.AdvanceUntilAsync(Moment, () => task.IsCompleted);
        return await task;
    }
}
