using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The motion of a turn: what was asked for, what has come, what waits.</summary>
internal sealed class TurnMotion
{
    public MotionProgress Progress { get; set; }

    /// <summary>With lost or unproven motion: why.</summary>
    public ErrorReason Error { get; set; }

    /// <summary>The request that new speech goes to; null before the first, and while motion must be asked for again.</summary>
    public MotionRequest? Current { get; set; }

    /// <summary>The request before the current one, which was cut and whose last keyframes are still to come.</summary>
    public MotionRequest? Cut { get; set; }

    /// <summary>Ids of the turn's first request: every message of the turn bears them.</summary>
    public string RequestId { get; set; } = "";

    public string ConnectionId { get; set; } = "";

    /// <summary>Motion was asked for again: messages must be made to fit.</summary>
    public bool IsSpliced { get; set; }

    /// <summary>Keyframes that are there, contiguous from 0: released or staged.</summary>
    public long Keyframes { get; set; }

    /// <summary>Where motion is asked for from next: before <see cref="Keyframes"/> where what is there is to be proved.</summary>
    public long AskFrom { get; set; }

    /// <summary>Motion is asked for next when there is more speech than this, or all of it.</summary>
    public long AskBeyond { get; set; }

    /// <summary>Motion of the current request that came before the last of the cut one.</summary>
    public MotionAhead Ahead { get; } = new();

    public StagedMotions Staged { get; } = new(SlabPool.Shared);

    /// <summary>Bytes of motion that wait for their place or their release.</summary>
    public long WaitingBytes => Staged.Bytes + Ahead.Bytes;

    /// <summary>One for each keyframe that is there, as long as it can be proved by asking again.</summary>
    public List<ulong> Hashes { get; private set; } = [];

    /// <summary>What is there may not be in its place: the turn cannot be called complete.</summary>
    public bool IsUnproven { get; set; }

    /// <summary>Keyframes that are there and are being asked for again, to be compared; null when none are.</summary>
    public (long From, long Through)? Proof { get; set; }

    public int Recoveries { get; set; }

    /// <summary>When motion was lost on the way; null when none is missing.</summary>
    public long? LostAt { get; set; }

    /// <summary>It cannot be proved any more.</summary>
    public void ForgetHashes() => Hashes = Hashes.Count > 0 ? [] : Hashes;
}
