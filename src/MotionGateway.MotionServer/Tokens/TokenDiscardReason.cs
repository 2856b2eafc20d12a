namespace MotionGateway.MotionServer;

/// <summary>Why a session token is thrown away without having opened a connection.</summary>
internal enum TokenDiscardReason
{
    /// <summary>It has too little life left.</summary>
    Expiring,

    /// <summary>The Motion Server did not take it.</summary>
    Refused,

    /// <summary>There are more than are kept.</summary>
    Surplus,

    /// <summary>The client was disposed.</summary>
    Disposed,
}
