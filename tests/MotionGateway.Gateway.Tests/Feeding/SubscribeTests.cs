using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

public sealed class SubscribeTests : IAsyncLifetime
{
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;

    private string SessionId => _speaker.Opened.SessionId;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
    }

    public async Task DisposeAsync()
    {
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Subscribe_LateInATurn_GetsItFromItsStart()
    {
        await _speaker.SayAsync(Speech.Create(16000, 32000), "one");
        await _speaker.WaitForAsync(r => r.Payload?.TurnSealed is not null);

        using var reader = await FeedReader.OpenAsync(_gateway.Feed, SessionId);
        await reader.WaitForAsync(r => r.Payload?.TurnEnded is not null);

        Assert.Equal(0, reader.Started.Position.Sequence);
        Assert.Equal(1, reader.Received.First(r => r.Payload is not null).Payload.Sequence);
        FeedAssert.Contiguous(reader.Received);
    }

    [Fact]
    public async Task Subscribe_Live_BeginsWithTheNextTurn()
    {
        await _speaker.SayAsync(Speech.Create(16000, 16000), "one");
        await _speaker.WaitForAsync(r => r.Payload?.Motion is not null);

        using var reader = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.Start = FeedStart.Live);
        await _speaker.SayAsync(Speech.Create(16000, 8000), "two");
        await _speaker.FinishAsync();
        await reader.ReadToEndAsync();

        Assert.DoesNotContain(reader.Received, r => r.Payload?.TurnId == "one");
        Assert.Contains(reader.Received, r => r.Payload?.TurnEnded is not null && r.Payload.TurnId == "two");
        FeedAssert.Contiguous(reader.Received);
    }

    [Fact]
    public async Task Subscribe_FromAPosition_GetsEveryPayloadOnce()
    {
        await _speaker.SayAsync(Speech.Create(16000, 16000), "one");
        using var first = await FeedReader.OpenAsync(_gateway.Feed, SessionId);
        var middle = await first.WaitForAsync(r => r.Payload?.Sequence == 4);
        first.Dispose();

        using var second = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.Position = new Position
        {
            Epoch = middle.Payload.Epoch,
            Sequence = middle.Payload.Sequence,
        });
        await second.WaitForAsync(r => r.Payload?.TurnEnded is not null);

        Assert.Equal(5, second.Received.First(r => r.Payload is not null).Payload.Sequence);
        FeedAssert.Contiguous(second.Received);
    }

    [Theory]
    [InlineData(2u, 0L, ErrorReason.EpochChanged)]
    [InlineData(1u, 999L, ErrorReason.PositionAhead)]
    public async Task Subscribe_PositionThatIsNotThere_SaysWhatIs(uint epoch, long sequence, ErrorReason reason)
    {
        await _speaker.SayAsync(Speech.Create(16000, 1600), "one");
        await _speaker.WaitForAsync(r => r.Payload?.TurnSealed is not null);

        var fault = await Assert.ThrowsAsync<RpcException>(() => FeedReader.OpenAsync(
            _gateway.Feed, SessionId, start => start.Position = new Position { Epoch = epoch, Sequence = sequence }));

        Assert.Equal(StatusCode.OutOfRange, fault.StatusCode);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(reason, failure.Reason);
        Assert.Equal(1, failure.Available!.Value.From);
    }

    [Fact]
    public async Task Subscribe_WithoutAcknowledging_IsSentNoMoreThanTheWindow()
    {
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, SessionId, acknowledges: false);
        await _speaker.SayAsync(Speech.Create(16000, 16000 * 10), "one");
        await _speaker.WaitForAsync(r => r.Payload?.TurnSealed is not null);

        await _speaker.SendAsync(new SpeakRequest { Interrupt = new Interrupt() });
        await reader.WaitForAsync(r => r.Payload?.TurnEnded is not null);

        long sent = reader.Received.Where(r => r.Payload?.Audio is not null || r.Payload?.Motion is not null).Sum(r => r.CalculateSize());
        Assert.InRange(sent, 1, reader.Started.WindowBytes);
        FeedAssert.Contiguous(reader.Received);
    }

    [Fact]
    public async Task Subscribe_SameReaderAgain_TakesTheOlderOnesPlace()
    {
        using var older = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.ReaderId = "relay-1");
        using var other = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.ReaderId = "relay-2");
        using var newer = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.ReaderId = "relay-1");

        var fault = await Assert.ThrowsAsync<RpcException>(() => older.ReadToEndAsync());

        Assert.Equal(StatusCode.Aborted, fault.StatusCode);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(ErrorReason.Superseded, failure.Reason);
        await _speaker.SendAsync(new SpeakRequest { Close = new CloseSession() });
        await newer.ReadToEndAsync();
        await other.ReadToEndAsync();
    }

    [Fact]
    public async Task Subscribe_BadOrForeignTokenOrUnknownSession_AreAllAnsweredAlike()
    {
        using var another = await Speaker.OpenAsync(_gateway.Speech);
        using var signer = ViewerTokenSigner.CreateInMemory(TimeProvider.System);
        string forged = signer.Issue(SessionId, "mallory", ViewerPermissions.None, TimeSpan.FromHours(1)).Token;
        var cases = new (string Session, string Token)[]
        {
            (SessionId, "rubbish"), (SessionId, another.Opened.ViewerToken), (SessionId, forged), ("s-none", _speaker.Opened.ViewerToken),
        };

        var answers = new List<(StatusCode, string)>();
        foreach (var (session, token) in cases)
        {
            var fault = await Assert.ThrowsAsync<RpcException>(
                () => FeedReader.OpenAsync(_gateway.Feed, session, start => start.ViewerToken = token));
            answers.Add((fault.StatusCode, fault.Status.Detail));
        }

        Assert.Equal((StatusCode.Unauthenticated, $"VIEWER_TOKEN_INVALID start.viewer_token: {ViewerTokens.Invalid().Message}"), Assert.Single(answers.Distinct()));
    }

    [Fact]
    public async Task Subscribe_ViewerInterruptsWithPermission_SpeakerLearnsWhoDid()
    {
        using var reader = await FeedReader.OpenAsync(
            _gateway.Feed, SessionId, start => start.ViewerToken = _speaker.Opened.ViewerToken);
        await _speaker.SayAsync(Speech.Create(16000, 160_000), "one");
        await reader.WaitForAsync(r => r.Payload?.Audio is not null);

        await reader.SendAsync(new SubscribeRequest
        {
            ViewerEvent = new ViewerEvent { ViewerId = "somebody-else", Interrupt = new ViewerInterrupt { Reason = "tap" } },
        });
        var seen = await _speaker.WaitForAsync(r => r.ViewerEvent is not null);

        Assert.NotEqual("somebody-else", seen.ViewerEvent.ViewerId);
        var ended = await reader.WaitForAsync(r => r.Payload?.TurnEnded is not null);
        Assert.Equal((TurnOutcome.Interrupted, "tap"), (ended.Payload.TurnEnded.Outcome, ended.Payload.TurnEnded.Reason));
    }

    [Fact]
    public async Task Subscribe_ViewerWithoutPermission_IsRefusedAndTheFeedGoesOn()
    {
        var token = await _gateway.Sessions.CreateViewerTokenAsync(new CreateViewerTokenRequest { SessionId = SessionId });
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.ViewerToken = token.ViewerToken);

        await reader.SendAsync(new ViewerEvent { Text = "hello" });
        var refused = (await reader.WaitForAsync(r => r.Refused is not null)).Refused;
        await _speaker.SayAsync(Speech.Create(16000, 800), "one");
        await reader.TurnEndedAsync("one");

        Assert.Equal((2L, ErrorReason.NotPermitted, "viewer_event"), (refused.Request, refused.Reason, refused.Field));
        Assert.DoesNotContain(_speaker.Received, r => r.ViewerEvent is not null);
    }
}
