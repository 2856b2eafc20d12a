using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>What a session is opened with.</summary>
public sealed record SessionSettings
{
    /// <summary>Avatar, as the Motion Server knows it.</summary>
    public required string AvatarId { get; init; }

    /// <summary>Samples a second of all speech.</summary>
    public required int SampleRate { get; init; }

    /// <summary>App to open it under; empty: the default app.</summary>
    public string App { get; init; } = "";

    /// <summary>When a turn's audio is released.</summary>
    public AudioRelease AudioRelease { get; init; } = AudioRelease.AtOnce;

    /// <summary>When the next turn is released.</summary>
    public TurnRelease TurnRelease { get; init; } = TurnRelease.AfterPrevious;

    /// <summary>Payloads are released at most so far ahead of playback; zero: no bound.</summary>
    public TimeSpan MaxLead { get; init; }

    /// <summary>Labels for people and filters.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Samples that a keyframe lasts: 25 keyframes a second divide each supported rate.</summary>
    public int SamplesPerKeyframe => SampleRate / 25;
}
