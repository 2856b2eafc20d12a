namespace MotionGateway.LocalMotion;

/// <summary>How the local Motion Server cuts a request's motion into messages.</summary>
public enum MotionSegments
{
    /// <summary>
    /// While speech comes at its own pace, at most 500 ms ahead of it, what motion there is is sent every 400 ms. Speech that comes
    /// faster is answered in the segments of <see cref="Recorded"/>.
    /// </summary>
    Adaptive = 0,

    /// <summary>Whole segments only, as recorded from the real service: the first of 2 s, the others of 4 s.</summary>
    Recorded = 1,
}
