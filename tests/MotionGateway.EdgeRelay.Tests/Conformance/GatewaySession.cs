using System.Diagnostics.Metrics;
using MotionGateway.Gateway.Tests;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A session of a gateway itself, with a speaker and a Motion Server.</summary>
internal sealed class GatewaySession : SessionUnderTest
{
    private readonly Dictionary<string, int> _seconds = [];
    private Speaker _speaker = null!;
    private MeterListener _listener = null!;

    public GatewayUnderTest Gateway { get; private set; } = null!;

    public override string Id => _speaker.SessionId;

    public static async Task<SessionUnderTest> BeginAsync()
    {
        var session = new GatewaySession();
        session.Gateway = await GatewayUnderTest.StartAsync(options => options.WriteTimeout = StallLimit, time: session.Time);
        session._speaker = await Speaker.OpenAsync(
            session.Gateway.Speech, open => open.Delivery = new Delivery { AudioRelease = AudioRelease.AtOnce });
        session._listener = RelayUnderTest.Listen(session.Gateway.App, "motiongateway.gateway.slow_readers", session.CountSpared);
        return session;
    }

    public override async Task<string> CreateTokenAsync(int lifetimeSeconds) =>
        (await Gateway.Sessions.CreateViewerTokenAsync(
            new CreateViewerTokenRequest { SessionId = Id, ViewerId = "viewer-1", LifetimeSeconds = lifetimeSeconds })).ViewerToken;

    public override async Task SayAsync(string turnId, int seconds, bool ends)
    {
        int first = _seconds.GetValueOrDefault(turnId);
        long samples = (long)(_seconds[turnId] = first + seconds) * Rate;
        byte[] pcm = Published.Said.Tone(Rate, ToneHertz, first * Rate, seconds * Rate);
        await _speaker.SendAudioAsync(pcm, turnId, ends);
        await _speaker.WaitForAsync(response => response.Payload?.TurnId == turnId && (ends
            ? response.Payload.TurnSealed is not null
            : response.Payload.Audio is { } audio && audio.FirstSample + audio.SampleCount >= samples));
    }

    public override Task EndAsync(string turnId) => Time.AdvanceUntilAsync(Moment, () => IsOver(turnId));

    public override void Hear(TimeSpan time) => Time.Advance(time);

    public override Task InterruptAsync(string turnId) => _speaker.InterruptAsync(turnId);

    public override IEnumerable<Payload> Said(string turnId) =>
        _speaker.Received.Payloads().Where(payload => payload.TurnId == turnId);

    public override Task StopAsync() => Gateway.ShutDownAsync();

    public override async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _speaker.Dispose();
        await Gateway.DisposeAsync();
    }

    private bool IsOver(string turnId) => Gateway.Sessions.GetSession(new GetSessionRequest { SessionId = Id })
        .Session.Turns.Any(turn => turn.TurnId == turnId && turn.State == TurnState.Ended);
}
