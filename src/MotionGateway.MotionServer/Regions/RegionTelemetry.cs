using System.Diagnostics.Metrics;

namespace MotionGateway.MotionServer;

/// <summary>What is measured about regions.</summary>
internal static class RegionTelemetry
{
    private static readonly Counter<long> Bootstraps = MotionServerTelemetry.Meter.CreateCounter<long>(
        "motion_server.client.bootstraps", "{request}", "Bootstrap requests, by where the region came from after them.");

    private static readonly Counter<long> Fallbacks = MotionServerTelemetry.Meter.CreateCounter<long>(
        "motion_server.client.region_fallbacks", "{fallback}", "Times that a region failed and the next one was tried, by the region that failed.");

    public static void RecordBootstrap(RegionSource source, Exception? failure)
    {
        KeyValuePair<string, object?> outcome = new("motion_server.region.source", source switch
        {
            RegionSource.Bootstrap => "bootstrap",
            RegionSource.LastGood => "last_good",
            _ => "default",
        });
        if (failure is null)
        {
            Bootstraps.Add(1, outcome);
        }
        else
        {
            string? errorType = failure is MotionServerException known ? known.Code.ToStableName() : failure.GetType().FullName;
            Bootstraps.Add(1, outcome, new KeyValuePair<string, object?>(MotionServerTelemetry.ErrorType, errorType));
        }
    }

    public static void RecordFallback(string? region) =>
        Fallbacks.Add(1, new KeyValuePair<string, object?>(MotionServerTelemetry.RegionTag, region));
}
