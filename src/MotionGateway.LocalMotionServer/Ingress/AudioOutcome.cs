namespace MotionGateway.LocalMotion.Ingress;

/// <summary>What became of a chunk of audio.</summary>
internal enum AudioOutcome
{
    Taken,

    /// <summary>Belongs to a request that was given up.</summary>
    Dropped,
    TooManyRequests,

    /// <summary>The audio is not what it should be; its request is given up.</summary>
    Malformed,
    RequestTooLong,
    BufferFull,
}
