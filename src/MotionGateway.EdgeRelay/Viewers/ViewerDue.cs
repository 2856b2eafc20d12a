namespace MotionGateway.EdgeRelay;

/// <summary>What a viewer can be late with, or is to be done for it at a time.</summary>
internal enum ViewerDue
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its start has to be there.</summary>
    Start,

    /// <summary>Something has to have come from it.</summary>
    Silence,

    /// <summary>It has to have accepted the message that is being sent.</summary>
    Write,

    /// <summary>It has to have acknowledged so much that it keeps up.</summary>
    Stall,

    /// <summary>It is to be told that its token expires.</summary>
    TokenNotice,

    /// <summary>It has to have renewed its token.</summary>
    TokenEnd,

    /// <summary>Its time to leave by itself is over.</summary>
    Grace,

    /// <summary>It has to have taken the end of its feed.</summary>
    Close,

    /// <summary>It is to be sent a payload that was kept until now.</summary>
    Payload,

    /// <summary>It is to be sent a heartbeat, unless something was sent since.</summary>
    Heartbeat,
}
