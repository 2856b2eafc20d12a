using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>A viewer's token ends, and with it the feed, unless the viewer renews it on the connection.</summary>
public sealed class ViewerTokenTests
{
    private const int TokenExpiredCode = 4027;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(60));

    [Fact]
    public async Task Start_TokenThatHasExpired_IsToldApart()
    {
        await using var test = await StartAsync();
        test.AddSession();
        string token = test.Token(lifetimeSeconds: 60);
        _time.Advance(TimeSpan.FromSeconds(66));
        using var late = await test.ViewAsync(start => start.ViewerToken = token);
        using var wrong = await test.ConnectAsync(sessionId: "session-2");
        await wrong.StartAsync(start => start.ViewerToken = token);

        Assert.Equal(ErrorReason.ViewerTokenExpired, (await late.ReceiveToEndAsync())?.Reason);
        Assert.Equal(TokenExpiredCode, late.CloseCode);
        Assert.Equal(ErrorReason.ViewerTokenInvalid, (await wrong.ReceiveToEndAsync())?.Reason);
    }

    [Theory]
    [InlineData(ViewerPermissions.None, new ViewerPermission[0])]
    [InlineData(ViewerPermissions.Interrupt, new[] { ViewerPermission.Interrupt })]
    [InlineData(ViewerPermissions.Talk, new[] { ViewerPermission.Talk })]
    [InlineData(ViewerPermissions.Interrupt | ViewerPermissions.Talk, new[] { ViewerPermission.Interrupt, ViewerPermission.Talk })]
    public async Task Started_TellsPermissionsAndTheTokensEnd(ViewerPermissions granted, ViewerPermission[] told)
    {
        await using var test = await StartAsync();
        test.AddSession();
        var expected = _time.GetUtcNow().AddMinutes(10);
        using var viewer = await test.ViewAsync(start => start.ViewerToken = test.Token(permissions: granted, lifetimeSeconds: 600));

        Assert.Equal(told, viewer.Started.Permissions);
        Assert.Equal(expected, viewer.Started.ExpiresAt.ToDateTimeOffset());
    }

    // A minute before, or halfway there where that is later.
    [Theory]
    [InlineData(600, 540)]
    [InlineData(60, 30)]
    [InlineData(10, 5)]
    public async Task Expiring_IsToldInTimeAndTheFeedEndsWithTheToken(int lifetimeSeconds, int toldAfterSeconds)
    {
        await using var test = await StartAsync();
        var session = test.AddSession();
        var start = _time.GetUtcNow();
        using var viewer = await test.ViewAsync(start => start.ViewerToken = test.Token(lifetimeSeconds: lifetimeSeconds));
        _time.Advance(TimeSpan.FromSeconds(toldAfterSeconds) - Moment);
        await viewer.ReceiveThroughAsync(session.Say("not yet"));
        Assert.DoesNotContain(viewer.Received, response => response.TokenExpiring is not null);

        var expiring = viewer.ReceiveUntilAsync(response => response.TokenExpiring is not null);
        await _time.AdvanceUntilAsync(Moment / 10, () => expiring.IsCompleted);
        var told = (await expiring).TokenExpiring.ExpiresAt.ToDateTimeOffset();
        Assert.Equal(start.AddSeconds(lifetimeSeconds), told);
        _time.Advance(told - _time.GetUtcNow());
        await viewer.ReceiveThroughAsync(session.Say("clocks may differ by so much"));
        var ending = viewer.ReceiveToEndAsync();
        await _time.AdvanceUntilAsync(Moment, () => ending.IsCompleted);

        Assert.Equal(ErrorReason.ViewerTokenExpired, (await ending)?.Reason);
        Assert.Equal(TokenExpiredCode, viewer.CloseCode);
        Assert.Single(viewer.Received, response => response.TokenExpiring is not null);
    }

    [Fact]
    public async Task Renewed_TheFeedOutlivesItsFirstTokenAndPermissionsHoldFromThenOn()
    {
        await using var test = await StartAsync();
        var session = test.AddSession();
        using var viewer = await test.ViewAsync(start => start.ViewerToken = test.Token(lifetimeSeconds: 60));
        await viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = "may not" } });
        await viewer.ReceiveUntilAsync(response => response.Refused is not null);
        _time.Advance(TimeSpan.FromSeconds(20));
        var end = _time.GetUtcNow().AddSeconds(600);

        await RenewAsync(viewer, test.Token(permissions: ViewerPermissions.Talk, lifetimeSeconds: 600));
        var renewed = (await viewer.ReceiveUntilAsync(response => response.TokenRenewed is not null)).TokenRenewed;
        await viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = "may" } });
        await RelayUnderTest.UntilAsync(() => !session.Events.IsEmpty, "the text had come");
        _time.Advance(TimeSpan.FromSeconds(300));
        await viewer.ReceiveThroughAsync(session.Say("still there"));
        var ending = viewer.ReceiveToEndAsync();
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(5), () => ending.IsCompleted);

        Assert.Equal([ViewerPermission.Talk], renewed.Permissions);
        Assert.Equal(end, renewed.ExpiresAt.ToDateTimeOffset());
        Assert.Equal("may", session.Events.Single().Text);
        Assert.Equal(ErrorReason.ViewerTokenExpired, (await ending)?.Reason);
        Assert.Equal(end, viewer.Received.Single(response => response.TokenExpiring is not null).TokenExpiring.ExpiresAt.ToDateTimeOffset());
    }

    [Fact]
    public async Task Renewed_ByWhatDoesNotRenewIt_IsRefusedAndTheFeedGoesOnAsBefore()
    {
        await using var test = await StartAsync();
        var session = test.AddSession();
        test.AddSession("session-2");
        string expired = test.Token();
        _time.Advance(TimeSpan.FromSeconds(3700));
        using var viewer = await test.ViewAsync(start => start.ViewerToken = test.Token(permissions: ViewerPermissions.Interrupt));
        (string Token, ErrorReason Reason)[] wrong =
        [
            ("nonsense", ErrorReason.ViewerTokenInvalid),
            ("", ErrorReason.ViewerTokenInvalid),
            (test.Token(viewerId: "bob", permissions: ViewerPermissions.Talk), ErrorReason.ViewerTokenInvalid),
            (test.Token("session-2", permissions: ViewerPermissions.Talk), ErrorReason.ViewerTokenInvalid),
            (expired, ErrorReason.ViewerTokenExpired),
        ];
        foreach (var (token, reason) in wrong)
        {
            await RenewAsync(viewer, token);
            var refused = (await viewer.ReceiveUntilAsync(response => response.Refused is not null)).Refused;
            Assert.Equal((reason, "renew_token.viewer_token"), (refused.Reason, refused.Field));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = "may not" } });
        var text = (await viewer.ReceiveUntilAsync(response => response.Refused is not null)).Refused;
        await viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Interrupt = new ViewerInterrupt() } });
        await RelayUnderTest.UntilAsync(() => !session.Events.IsEmpty, "the interrupt had come");

        Assert.Equal((2 + wrong.Length, ErrorReason.NotPermitted), (text.Request, text.Reason));
        Assert.DoesNotContain(viewer.Received, response => response.TokenRenewed is not null);
    }

    // Each costs a signature's verification.
    [Fact]
    public async Task Renewed_OverAndOver_IsRefusedUnverified()
    {
        await using var test = await StartAsync();
        test.AddSession();
        using var viewer = await test.ViewAsync();
        for (int i = 0; i < 10; i++)
        {
            await RenewAsync(viewer, test.Token());
        }

        await viewer.ReceiveUntilAsync(response => response.Refused?.Request == 11);

        Assert.Equal(2, viewer.Received.Count(response => response.TokenRenewed is not null));
        Assert.All(
            viewer.Received.Where(response => response.Refused is not null),
            response => Assert.Equal(ErrorReason.ReaderLimit, response.Refused.Reason));
    }

    // They move the ends of turns.
    [Fact]
    public async Task PlaybackReport_WithoutThePermissionToTalk_IsRefused()
    {
        await using var test = await StartAsync();
        var session = test.AddSession();
        using var viewer = await test.ViewAsync(start => start.ViewerToken = test.Token(permissions: ViewerPermissions.Interrupt));
        await viewer.SendAsync(new SubscribeRequest
        {
            ViewerEvent = new ViewerEvent { Playback = new PlaybackReport { TurnId = "t1", State = PlaybackState.Playing } },
        });

        var refused = (await viewer.ReceiveUntilAsync(response => response.Refused is not null)).Refused;

        Assert.Equal((ErrorReason.NotPermitted, "viewer_event.playback"), (refused.Reason, refused.Field));
        Assert.Empty(session.Events);
    }

    private Task<RelayUnderTest> StartAsync() => RelayUnderTest.StartAsync(
        options => (options.HeartbeatInterval, options.PeerTimeout) = (TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(60)), _time);

    private static Task RenewAsync(TestViewer viewer, string token) =>
        viewer.SendAsync(new SubscribeRequest { RenewToken = new RenewViewerToken { ViewerToken = token } });
}
