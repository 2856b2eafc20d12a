namespace MotionGateway.MotionServer;

/// <summary>How a client came to its region.</summary>
public enum RegionSource
{
    /// <summary>It has none: both URLs are given explicitly.</summary>
    ExplicitUrls = 0,

    /// <summary>The options name it.</summary>
    Configured = 1,

    /// <summary>The service named it, at most five minutes ago.</summary>
    Bootstrap = 2,

    /// <summary>The service named it earlier and cannot be asked now.</summary>
    LastGood = 3,

    /// <summary>The service never named one: the default region is used.</summary>
    Default = 4,
}
