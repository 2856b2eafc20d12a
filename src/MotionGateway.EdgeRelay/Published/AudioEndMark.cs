namespace MotionGateway.EdgeRelay;

/// <summary>How a published feed marks the end of a turn's audio.</summary>
internal enum AudioEndMark
{
    /// <summary>On the last audio itself.</summary>
    OnLast,

    /// <summary>By a message of its own behind the last audio.</summary>
    Apart,

    /// <summary>By a message of its own behind the last audio and the last motion.</summary>
    AfterMotion,
}
