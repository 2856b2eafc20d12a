using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>One request at the Motion Server: a run of a turn's speech, from a keyframe on. A turn has one, or several after a recovery.</summary>
internal sealed class MotionRequest(SpeechTurn turn, MotionLeg leg, long firstKeyframe, long firstSample)
{
    private readonly int _unreadableBefore = leg.Connection.UnreadableMessages;

    /// <summary>The turn.</summary>
    public SpeechTurn Turn { get; } = turn;

    /// <summary>The connection that it is made on.</summary>
    public MotionLeg Leg { get; } = leg;

    /// <summary>The first keyframe that it is to give.</summary>
    public long FirstKeyframe { get; } = firstKeyframe;

    /// <summary>Where its speech begins: at that keyframe.</summary>
    public long FirstSample { get; } = firstSample;

    /// <summary>The request at the Server SDK; null before its first speech is sent.</summary>
    public IMotionRequest? Handle { get; set; }

    /// <summary>Where the leg takes Ogg Opus: its speech as such; null before the first of it is taken.</summary>
    public OpusUpstream? Opus { get; set; }

    /// <summary>Up to where speech has been given to the leg.</summary>
    public long SentThrough { get; set; } = firstSample;

    /// <summary>The Motion Server has been told, or is being told, that no more speech comes.</summary>
    public bool IsEndSent { get; set; }

    /// <summary>It is cut here, so that another request goes on: it gives no keyframe from this one on.</summary>
    public long EndKeyframe { get; set; } = long.MaxValue;

    /// <summary>Keyframes that have come, those that were not used included.</summary>
    public long KeyframesSeen { get; set; }

    /// <summary>A message of it may be the one before once more: the message alone does not tell.</summary>
    public bool MayRepeat { get; set; }

    /// <summary>
    /// Whether what came may not be in its place, which only the count at its end tells: a message may have come twice, or something
    /// that could not be read may have been motion of it.
    /// </summary>
    public bool IsInDoubt => MayRepeat || Leg.Connection.UnreadableMessages > _unreadableBefore;

    /// <summary>Nothing of it counts any more.</summary>
    public bool IsFenced { get; set; }

    /// <summary>The Motion Server has said that it is over.</summary>
    public bool IsOver { get; set; }

    /// <summary>Keyframes of its latest message, to notice one that comes twice.</summary>
    public List<ulong> LatestKeyframes { get; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"MotionRequest {{ Turn = {Turn.Id}, FirstKeyframe = {FirstKeyframe}, IsFenced = {IsFenced} }}";
}
