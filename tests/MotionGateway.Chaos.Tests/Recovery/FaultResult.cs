using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Recovery;

/// <summary>What a viewer and a speaker saw of a fault.</summary>
internal sealed record FaultResult
{
    /// <summary>The end of each turn, in order.</summary>
    public required IReadOnlyList<TurnEnded> Ends { get; init; }

    public required IReadOnlyList<TurnReport> Reports { get; init; }

    /// <summary>Failures of the Motion Server that the speaker was told.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    /// <summary>From the first speech to when it was heard, and all that playback stood still within it: the longest of the turns'.</summary>
    public required TimeSpan Pause { get; init; }

    /// <summary>Promises that were broken; empty when none was.</summary>
    public required string Broken { get; init; }

    /// <summary>Uses of the fault that did not come about.</summary>
    public required int Unused { get; init; }

    /// <summary>Whether anything shows that the fault was met.</summary>
    public bool HasStruck => Unused == 0
        && (Failures.Any() || Reports.Any(report => report.Recoveries > 0) || Ends.Any(end => end.Error != ErrorReason.Unspecified));
}
