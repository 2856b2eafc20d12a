namespace MotionGateway.EdgeRelay;

/// <summary>How far a viewer is. It goes forward only.</summary>
internal enum ViewerPhase
{
    /// <summary>It has not shown yet that it may follow the session.</summary>
    Connected,

    /// <summary>It is sent the session.</summary>
    Following,

    /// <summary>Its feed has ended; what was being sent is waited for.</summary>
    Closing,

    /// <summary>It is told why; then its own close is waited for.</summary>
    Closed,

    /// <summary>It has left: nothing of it is used any more.</summary>
    Left,
}
