using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Speaking;

/// <summary>How a speaker ends its session.</summary>
internal enum SessionEnding
{
    HalfClose,
    Close,
    CloseWhenHeard,
}

/// <summary>What a session is opened with, what is said in it, and how it ends.</summary>
internal sealed record SessionScript
{
    public required string AvatarId { get; init; }

    public required int SampleRate { get; init; }

    public required Delivery Delivery { get; init; }

    public required IReadOnlyList<SpokenTurn> Turns { get; init; }

    public SessionEnding Ending { get; init; }

    /// <summary>The speaker ends only when all has been answered for; else right behind its last speech.</summary>
    public bool EndsSettled { get; init; } = true;

    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    public OpenSession Open => new()
    {
        AvatarId = AvatarId,
        AudioFormat = new AudioFormat { SampleRate = SampleRate },
        Delivery = Delivery,
    };

    /// <summary>How long all of it lasts when it is heard.</summary>
    public TimeSpan Length => TimeSpan.FromSeconds(Turns.Sum(turn => turn.Plan.Speech.Length) / (2.0 * SampleRate));

    public override string ToString() => $"{AvatarId} ({SampleRate} Hz, {Delivery.AudioRelease}, {Delivery.TurnRelease}, lead {Delivery.MaxLeadMs}, {Ending})";
}
