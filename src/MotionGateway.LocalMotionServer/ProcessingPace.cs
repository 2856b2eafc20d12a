namespace MotionGateway.LocalMotion;

/// <summary>How fast the local Motion Server answers speech with motion.</summary>
public enum ProcessingPace
{
    /// <summary>A segment is sent as soon as its audio has arrived.</summary>
    AsFastAsPossible = 0,

    /// <summary>A segment is sent when as much time as it reaches into the speech has passed since the request's first audio.</summary>
    RealTime = 1,
}
