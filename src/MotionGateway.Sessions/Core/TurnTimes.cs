namespace MotionGateway.Sessions;

/// <summary>When what happened to a turn, in <see cref="TimeProvider"/> timestamps; null before.</summary>
internal sealed class TurnTimes(long created)
{
    /// <summary>First speech in.</summary>
    public long Created { get; } = created;

    /// <summary>Latest speech in.</summary>
    public long Received { get; set; } = created;

    /// <summary>When the speaker was told last what has been handled.</summary>
    public long? Acknowledged { get; set; }

    public long? Sent { get; set; }

    public long? FirstMotion { get; set; }

    public long? Released { get; set; }

    public long? FirstWrite { get; set; }

    public long? Sealed { get; set; }

    public long? Ended { get; set; }

    /// <summary>When it was held last.</summary>
    public long Paused { get; set; }

    /// <summary>By how much its motion was later than its audio was heard, at the worst.</summary>
    public TimeSpan MotionLate { get; set; }
}
