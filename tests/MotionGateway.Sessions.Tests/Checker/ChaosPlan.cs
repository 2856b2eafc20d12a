using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>What one schedule is made of: a session's settings and bounds, and what goes wrong.</summary>
internal sealed class ChaosPlan
{
    private static readonly MotionServerErrorCode?[] Ends =
    [
        null, MotionServerErrorCode.ConnectionClosed, MotionServerErrorCode.SessionDurationExceeded, MotionServerErrorCode.IdleTimeout,
        MotionServerErrorCode.CreditsExhausted,
    ];

    private readonly Random _random;
    private readonly (int First, int Further) _segments;
    private readonly bool _isSalted;
    private readonly double _faults;

    public ChaosPlan(Random random)
    {
        _random = random;
        IsClean = random.Next(5) < 2;
        _faults = IsClean ? 0 : 0.1 + (0.4 * random.NextDouble());
        _segments = random.Next(4) switch
        {
            0 => (50, 100),
            1 => (6, 6),
            2 => (10, 25),
            _ => (25, 25),
        };
        _isSalted = random.Next(3) == 0;
        Settings = new SessionSettings
        {
            AvatarId = "avatar",
            SampleRate = random.Next(10) switch { 0 => 22_050, 1 => 16_000, _ => 8000 },
            AudioRelease = Pick(AudioRelease.AtOnce, AudioRelease.WithMotion, AudioRelease.Paced, AudioRelease.Paced),
            TurnRelease = Pick(TurnRelease.AfterPrevious, TurnRelease.AfterPrevious, TurnRelease.AtOnce),
            MaxLead = TimeSpan.FromMilliseconds(Pick(random.Next(5) == 0 ? 20 : 100, 500, 2000, 10_000, 10_000)),
            MaxMotionWait = TimeSpan.FromMilliseconds(Pick(1, 200, 1500, 1500, 4500)),
            RefuseBeyondCredit = random.Next(6) == 0,
        };
        Limits = new SessionLimits
        {
            MaxChunkBytes = 200_000,
            MaxWaitingTurns = 6,
            OpenTurnTimeout = TimeSpan.FromMinutes(3),
            ResumeWindow = TimeSpan.FromSeconds(30),
            IdleTimeout = TimeSpan.FromMinutes(10),
            AudioCreditBytes = Settings.RefuseBeyondCredit ? 100_000 : null,
            MaxRecoveries = Pick(0, 2, 5),
            ParkAfter = Pick(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(1)),
            Log = new SessionLogOptions { MaxBytes = Pick(SmallestLog(Settings), 16 * 1024 * 1024) },
        };
        Lifetime = !IsClean && random.Next(3) == 0 ? TimeSpan.FromSeconds(random.Next(1, 10)) : null;
    }

    /// <summary>Nothing goes wrong with the Motion Server.</summary>
    public bool IsClean { get; }

    public SessionSettings Settings { get; }

    public SessionLimits Limits { get; }

    /// <summary>How long connections last by plan.</summary>
    public TimeSpan? Lifetime { get; }

    /// <summary>Whether a turn is a test tone, not the speaker's.</summary>
    public static bool IsTone(string turnId) => turnId.StartsWith("tone", StringComparison.Ordinal);

    // The log must hold what is ahead of playback.
    private static long SmallestLog(SessionSettings settings) =>
        (long)((settings.MaxLead.TotalSeconds + 0.5) * ((settings.SampleRate * 2) + 16_000));

    public LegPlan PlanLeg(int number) => new()
    {
        ConnectTime = TimeSpan.FromMilliseconds(number == 0 ? 0 : _random.Next(0, 300)),
        Refusal = number > 0 && Hits(0.1) ? MotionServerErrorCode.ConnectionFailed : null,
        Life = Lifetime is { } life
            ? life * Pick(0.5, 1, 1)
            : Hits(1) ? TimeSpan.FromMilliseconds(_random.Next(1, 15_000)) : null,
        End = Lifetime is null ? Pick(Ends) : MotionServerErrorCode.SessionDurationExceeded,
        GoodbyeTime = TimeSpan.FromMilliseconds(Pick(0, 0, 5000)),
    };

    public RequestPlan PlanRequest(int number) => new()
    {
        Fault = Hits(1) ? (RequestFault)_random.Next(1, 9) : RequestFault.None,
        At = _random.Next(4),
        Segments = _segments,
        Latency = TimeSpan.FromMilliseconds(_random.Next(0, 400)),
        Shortfall = Pick(0, 0, 1, 2),
        Salt = _isSalted ? number + 1 : 0,
        SendTime = TimeSpan.FromMilliseconds(Pick(0, 0, 3)),
    };

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    private bool Hits(double share) => _random.NextDouble() < _faults * share;
}
