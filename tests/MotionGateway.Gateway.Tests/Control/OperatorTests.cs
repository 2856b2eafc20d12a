using System.Runtime.InteropServices;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>What an operator may do to a session: stop speech, close, make tokens, say a tone. The clock moves when a test says so.</summary>
public sealed class OperatorTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly byte[] _pcm = Speech.Create(Rate, Rate * 2);
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

    // A viewer's button and the agent's own detection fire together: the second must not void the new reply.
    [Theory]
    [InlineData("operator", "speaker")]
    [InlineData("operator", "viewer")]
    [InlineData("viewer", "operator")]
    public async Task Interrupt_TheSecondOfTwo_DoesNotVoidTheNewReply(string second, string first)
    {
        using var viewer = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId);
        await SayAsync("old");
        var seen = await PositionAsync();
        await (first switch
        {
            "speaker" => _speaker.InterruptAsync(),
            "viewer" => viewer.SendAsync(new ViewerEvent { Interrupt = new ViewerInterrupt { Position = seen } }),
            _ => InterruptAsync(seen),
        });
        await _speaker.TurnEndedAsync("old");
        await SayAsync("new");

        if (second == "viewer")
        {
            await viewer.SendAsync(new ViewerEvent { Interrupt = new ViewerInterrupt { Position = seen } });
            await _speaker.WaitForAsync(response => response.ViewerEvent is not null);
        }
        else
        {
            var answer = await InterruptAsync(seen);
            Assert.Equal(("", true, null), (answer.TurnId, answer.AlreadyEnded, answer.Discarded));
        }

        Assert.Equal(TurnState.Sealed, await StateOfAsync("new"));
    }

    [Fact]
    public async Task Interrupt_FromAPositionAfterTheLastOne_IsDone()
    {
        await SayAsync("old");
        await _speaker.InterruptAsync();
        await SayAsync("new");

        var answer = await InterruptAsync(await PositionAsync());

        Assert.Equal(("new", false), (answer.TurnId, answer.AlreadyEnded));
    }

    [Fact]
    public async Task Interrupt_WithoutAPosition_IsAlwaysDone()
    {
        await SayAsync("old");
        await _speaker.InterruptAsync();
        await SayAsync("new");

        Assert.False((await InterruptAsync(null)).AlreadyEnded);
        Assert.Equal(TurnState.Ended, await StateOfAsync("new"));
    }

    [Fact]
    public async Task Interrupt_OfOneTurn_IsNoInterruptOfEverything()
    {
        await SayAsync("one");
        await _speaker.SendAudioAsync(_pcm, "two", end: true);
        var seen = await PositionAsync();
        await _speaker.InterruptAsync("one");
        await _speaker.WaitForAsync(response => response.Payload is { TurnId: "two", TurnSealed: not null });

        var answer = await InterruptAsync(seen);

        Assert.Equal(("two", false), (answer.TurnId, answer.AlreadyEnded));
    }

    [Fact]
    public async Task Interrupt_OfANamedTurn_GivesItsEndAndReason()
    {
        await SayAsync("one");

        var answer = (await _gateway.Sessions.InterruptSessionAsync(
            new InterruptSessionRequest { SessionId = _speaker.SessionId, TurnId = "one", Reason = "operator" })).Interrupted;
        var again = (await _gateway.Sessions.InterruptSessionAsync(
            new InterruptSessionRequest { SessionId = _speaker.SessionId, TurnId = "one" })).Interrupted;

        Assert.Equal(("one", false), (answer.TurnId, answer.AlreadyEnded));
        Assert.Equal(("one", true, null), (again.TurnId, again.AlreadyEnded, again.Discarded));
        Assert.Equal("operator", (await _speaker.TurnEndedAsync("one")).Reason);
    }

    [Fact]
    public async Task Requests_BeyondTheirBounds_NameTheField()
    {
        string id = _speaker.SessionId;
        var sessions = _gateway.Sessions;

        await AssertRefusedAsync("reason", sessions.InterruptSessionAsync(new() { SessionId = id, Reason = new('r', 129) }).ResponseAsync);
        await AssertRefusedAsync("turn_id", sessions.InterruptSessionAsync(new() { SessionId = id, TurnId = new('t', 65) }).ResponseAsync);
        await AssertRefusedAsync("scope", sessions.InterruptSessionAsync(new() { SessionId = id, Scope = (InterruptScope)9 }).ResponseAsync);
        await AssertRefusedAsync("reason", sessions.CloseSessionAsync(new() { SessionId = id, Reason = new('r', 129) }).ResponseAsync);
        await AssertRefusedAsync("lifetime_seconds", sessions.CreateViewerTokenAsync(new() { SessionId = id, LifetimeSeconds = 86_401 }).ResponseAsync);
        await AssertRefusedAsync("lifetime_seconds", sessions.CreateViewerTokenAsync(new() { SessionId = id, LifetimeSeconds = -1 }).ResponseAsync);
        await AssertRefusedAsync("viewer_id", sessions.CreateViewerTokenAsync(new() { SessionId = id, ViewerId = new('v', 65) }).ResponseAsync);
        await AssertRefusedAsync("duration_ms", sessions.SayTestToneAsync(new() { SessionId = id, DurationMs = 30_001 }).ResponseAsync);
        await AssertRefusedAsync("duration_ms", sessions.SayTestToneAsync(new() { SessionId = id, DurationMs = -1 }).ResponseAsync);
        await AssertRefusedAsync("frequency_hz", sessions.SayTestToneAsync(new() { SessionId = id, FrequencyHz = 4001 }).ResponseAsync);
        await AssertRefusedAsync("frequency_hz", sessions.SayTestToneAsync(new() { SessionId = id, FrequencyHz = -1 }).ResponseAsync);
    }

    [Fact]
    public async Task Requests_AtTheirBounds_AreTaken()
    {
        string id = _speaker.SessionId;
        var sessions = _gateway.Sessions;

        var token = await sessions.CreateViewerTokenAsync(new() { SessionId = id, LifetimeSeconds = 86_400, ViewerId = new('v', 64) });
        await sessions.SayTestToneAsync(new() { SessionId = id, DurationMs = 30_000, FrequencyHz = 4000 });
        await sessions.InterruptSessionAsync(new() { SessionId = id, TurnId = new('t', 64), Reason = new('r', 128) });
        await sessions.CloseSessionAsync(new() { SessionId = id, Reason = new('r', 128) });
        await _speaker.WaitForEndAsync();

        Assert.Equal(_time.GetUtcNow().AddDays(1), token.ExpireTime.ToDateTimeOffset(), TimeSpan.FromSeconds(1));
        Assert.Equal(new string('r', 128), _speaker.Received[^1].Closed.Reason);
    }

    [Theory]
    [InlineData(0, 0, 1000, 220)]
    [InlineData(500, 1000, 500, 1000)]
    public async Task SayTestTone_WithAndWithoutWishes_IsSoLongAndSoHigh(int duration, int frequency, int expectedMs, int expectedHz)
    {
        var said = await _gateway.Sessions.SayTestToneAsync(
            new SayTestToneRequest { SessionId = _speaker.SessionId, DurationMs = duration, FrequencyHz = frequency });
        await _speaker.WaitForAsync(response => response.Payload?.TurnSealed is not null);
        short[] samples = MemoryMarshal.Cast<byte, short>(_speaker.Received.Payloads().Where(payload => payload.TurnId == said.TurnId).Audio()).ToArray();

        Assert.Equal(Rate * expectedMs / 1000, samples.Length);

        // Where it is all but silent for a moment, a wave or two cannot be told.
        int rising = samples.Zip(samples.Skip(1)).Count(pair => pair.First < 0 && pair.Second >= 0);
        Assert.InRange(rising * 1000.0 / expectedMs, 0.98 * expectedHz, 1.01 * expectedHz);
    }

    [Fact]
    public async Task CloseSession_WhenHeard_LetsAllBeHeardAndTakesNoMore()
    {
        await SayAsync("goodbye");
        var shown = await _gateway.Sessions.CloseSessionAsync(new CloseSessionRequest { SessionId = _speaker.SessionId, WhenHeard = true });
        await _speaker.SendAudioAsync(_pcm, "late");
        var late = await _speaker.AcknowledgedAsync("late", _pcm.Length);
        var ending = _speaker.WaitForEndAsync();
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => ending.IsCompleted);

        Assert.Equal((SessionState.Active, true), (shown.Session.State, shown.Session.Finishing));
        Assert.Equal(_pcm.Length, late.DiscardedBytes);
        Assert.Equal(StatusCode.OK, (await ending).StatusCode);
        FeedAssert.Whole(_speaker.Received.Payloads(), "goodbye", _pcm, Rate);
    }

    [Fact]
    public async Task CloseSession_ThatIsClosed_DoesNothing()
    {
        await _gateway.Sessions.CloseSessionAsync(new CloseSessionRequest { SessionId = _speaker.SessionId, Reason = "first" });
        var again = await _gateway.Sessions.CloseSessionAsync(new CloseSessionRequest { SessionId = _speaker.SessionId, Reason = "second" });
        await _speaker.WaitForEndAsync();

        Assert.Equal(SessionState.Closed, again.Session.State);
        Assert.Equal("first", _speaker.Received[^1].Closed.Reason);
    }

    [Fact]
    public async Task SayTestTone_WhileTheSpeakersTurnIsOpen_IsATurnBesideIt()
    {
        await _speaker.SendAudioAsync(_pcm[..(_pcm.Length / 2)]);
        await Eventually.TrueAsync(() => Turns().Count == 1);
        var said = await _gateway.Sessions.SayTestToneAsync(new SayTestToneRequest { SessionId = _speaker.SessionId });
        await _speaker.SendAudioAsync(_pcm[(_pcm.Length / 2)..], end: true);
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => Turns().Count(turn => turn.State == TurnState.Ended) == 2);
        await _speaker.TurnEndedAsync(said.TurnId);

        FeedAssert.Whole(_speaker.Received.Payloads(), "turn-1", _pcm, Rate);
        Assert.Equal(
            [("turn-1", TurnOutcome.Completed), (said.TurnId, TurnOutcome.Completed)], _speaker.Received.Payloads().Ended());
        Assert.DoesNotContain(_speaker.Received, response => response.TurnReport?.TurnId == said.TurnId);
    }

    [Fact]
    public async Task CreateViewerToken_WithAndWithoutWishes_IsForOneViewerOfOneSession()
    {
        var made = await _gateway.Sessions.CreateViewerTokenAsync(new CreateViewerTokenRequest { SessionId = _speaker.SessionId });
        var named = await _gateway.Sessions.CreateViewerTokenAsync(new CreateViewerTokenRequest
        {
            SessionId = _speaker.SessionId,
            ViewerId = "alice@example.com",
            LifetimeSeconds = 60,
        });
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId, start => start.ViewerToken = made.ViewerToken);

        Assert.NotEmpty(made.ViewerId);
        Assert.Equal(_time.GetUtcNow().AddHours(1), made.ExpireTime.ToDateTimeOffset(), TimeSpan.FromSeconds(1));
        Assert.Equal("alice@example.com", named.ViewerId);
        Assert.Equal(_time.GetUtcNow().AddMinutes(1), named.ExpireTime.ToDateTimeOffset(), TimeSpan.FromSeconds(1));
        Assert.Contains("\"keys\"", (await _gateway.Sessions.GetViewerTokenKeysAsync(new GetViewerTokenKeysRequest())).Jwks, StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync<T>(string field, Task<T> call)
    {
        var fault = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidRequest, field), (fault.StatusCode, failure.Reason, failure.Field));
    }

    private async Task SayAsync(string turnId)
    {
        await _speaker.SendAudioAsync(_pcm, turnId, end: true);
        await _speaker.WaitForAsync(response => response.Payload?.TurnId == turnId && response.Payload.TurnSealed is not null);
    }

    private async Task<InterruptAcknowledged> InterruptAsync(Position? seen) => (await _gateway.Sessions.InterruptSessionAsync(
        new InterruptSessionRequest { SessionId = _speaker.SessionId, Position = seen })).Interrupted;

    private async Task<Position> PositionAsync() => (await _gateway.GetSessionAsync(_speaker.SessionId)).Position;

    private async Task<TurnState> StateOfAsync(string turnId) =>
        (await _gateway.GetSessionAsync(_speaker.SessionId)).Turns.Single(turn => turn.TurnId == turnId).State;

    private Google.Protobuf.Collections.RepeatedField<Turn> Turns() =>
        _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = _speaker.SessionId }).Session.Turns;
}
