using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A session that a relay follows.</summary>
internal sealed class RelaySession : SessionUnderTest
{
    private const int KeyframesPerSecond = 25;
    private const int PiecesPerSecond = 4;
    private const int WindowBytes = 16 * 1024;

    private readonly Dictionary<string, int> _seconds = [];
    private readonly Dictionary<string, List<Payload>> _void = [];
    private FakeSession _session = null!;
    private MeterListener _listener = null!;
    private WebApplication? _other;

    public RelayUnderTest Test { get; private set; } = null!;

    /// <summary>Where viewers come: the relay, or the other one.</summary>
    public string Address => (_other ?? Test.Relay).Urls.First();

    public override string Id => _session.Id;

    public static async Task<SessionUnderTest> BeginAsync()
    {
        var session = new RelaySession();
        session.Test = await RelayUnderTest.StartAsync(
            options =>
            {
                options.WindowBytes = WindowBytes;
                options.LogBytes = 64 * 1024 * 1024;
                options.StallTimeout = StallLimit;
                options.SlowViewerTimeout = TimeSpan.FromSeconds(10);
                options.WriteTimeout = TimeSpan.FromSeconds(10);
                options.GatewayLossLimit = TimeSpan.FromHours(1);

                // A clock that leaps must not find somebody silent for too long.
                (options.HeartbeatInterval, options.PeerTimeout) = (TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
            },
            session.Time);
        session._session = session.Test.AddSession(maxBytes: 64 * 1024 * 1024);
        session._listener = session.Test.Listen("motiongateway.relay.slow_viewers", session.CountSpared);
        return session;
    }

    public override Task<string> CreateTokenAsync(int lifetimeSeconds) => Task.FromResult(Test.Token(lifetimeSeconds: lifetimeSeconds));

    public override Task SayAsync(string turnId, int seconds, bool ends)
    {
        if (!_seconds.TryGetValue(turnId, out int first))
        {
            _session.Start(turnId);
        }

        _seconds[turnId] = first + seconds;
        for (int second = first; second < first + seconds; second++)
        {
            bool isLast = ends && second == first + seconds - 1;
            for (int piece = 0; piece < PiecesPerSecond; piece++)
            {
                byte[] pcm = Published.Said.Tone(
                    Rate, ToneHertz, ((second * PiecesPerSecond) + piece) * Rate / PiecesPerSecond, Rate / PiecesPerSecond);
                _session.Audio(turnId, pcm, last: isLast && piece == PiecesPerSecond - 1);
                if (piece == 0)
                {
                    _session.Motion(turnId, second * KeyframesPerSecond, KeyframesPerSecond, isLast);
                }
            }
        }

        if (ends)
        {
            _session.Seal(turnId);
        }

        return Task.CompletedTask;
    }

    /// <summary>Says more of a turn than a connection takes whose other side does not read.</summary>
    public void Flood(string turnId)
    {
        _session.Start(turnId);
        _session.Audios(turnId, 1024, bytes: 16 * 1024);
    }

    public override Task EndAsync(string turnId)
    {
        _session.End(turnId);
        return Task.CompletedTask;
    }

    public override void Hear(TimeSpan time) => _session.HeardSamples = (long)(time.TotalSeconds * Rate);

    public override Task InterruptAsync(string turnId)
    {
        // Whoever reads the log is spared it from then on.
        _void[turnId] = [.. Said(turnId)];
        _session.Interrupt(turnId);
        return Task.CompletedTask;
    }

    public override IEnumerable<Payload> Said(string turnId) =>
        _void.GetValueOrDefault(turnId) ?? Published.Said.Read(_session).Where(payload => payload.TurnId == turnId);

    public override Task StopAsync() => Test.Relay.StopAsync();

    /// <summary>Viewers come to another relay from now on.</summary>
    public async Task MoveAsync() => _other = await Test.StartAnotherRelayAsync();

    public override async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        if (_other is not null)
        {
            await _other.StopAsync().DefaultTimeout();
            await _other.DisposeAsync();
        }

        await Test.DisposeAsync();
    }
}
