namespace MotionGateway.MotionServer;

/// <summary>The region to connect to first.</summary>
/// <param name="Name">Its name; null when explicit URLs leave no choice.</param>
/// <param name="Source">How it was found.</param>
internal readonly record struct ResolvedRegion(string? Name, RegionSource Source);
