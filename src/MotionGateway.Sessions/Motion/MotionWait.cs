namespace MotionGateway.Sessions;

/// <summary>How a turn's audio waits for its motion.</summary>
internal sealed class MotionWait
{
    /// <summary>When the present wait began; null while nothing waits.</summary>
    public long? Since { get; set; }

    /// <summary>How long it has waited before.</summary>
    public TimeSpan Used { get; set; }

    /// <summary>Nothing of the turn waits for motion any more.</summary>
    public bool IsOver { get; set; }

    /// <summary>How long after its speech the turn's motion came, at the worst; zero when nothing came at the pace of speech.</summary>
    public TimeSpan Delay { get; set; }
}
