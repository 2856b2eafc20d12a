using System.Diagnostics.Metrics;

namespace MotionGateway.Hosting;

/// <summary>Counts what is read again.</summary>
internal static class ReloadedMetrics
{
    private static readonly Meter Meter = new("MotionGateway.Hosting");

    private static readonly Counter<long> Reloads = Meter.CreateCounter<long>(
        "motiongateway.reloads", "{reload}", "Times that settings, keys or certificates had changed and were read again, by name and outcome.");

    /// <summary>Something has changed.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="isUsable">What it says now is in force.</param>
    public static void Count(string name, bool isUsable) => Reloads.Add(
        1, new KeyValuePair<string, object?>("motiongateway.reload.name", name), new KeyValuePair<string, object?>("motiongateway.reload.outcome", isUsable ? "applied" : "refused"));
}
