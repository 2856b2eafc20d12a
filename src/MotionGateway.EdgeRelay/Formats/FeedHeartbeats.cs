namespace MotionGateway.EdgeRelay;

/// <summary>Who of a relay and its viewer sends heartbeats.</summary>
internal enum FeedHeartbeats
{
    /// <summary>Both: a viewer that is silent for too long is gone.</summary>
    OfBoth,

    /// <summary>The relay alone: that a viewer is gone shows when it no longer takes what it is sent.</summary>
    OfRelay,

    /// <summary>None that are messages of the feed.</summary>
    OfTransport,
}
