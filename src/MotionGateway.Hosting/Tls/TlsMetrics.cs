using System.Diagnostics.Metrics;

namespace MotionGateway.Hosting;

/// <summary>Shows when a certificate ends.</summary>
internal static class TlsMetrics
{
    /// <summary>Shows it from now on.</summary>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="timeLeft">Until it ends.</param>
    public static void Observe(IMeterFactory meters, Func<TimeSpan> timeLeft) => meters.Create("MotionGateway.Hosting").CreateObservableGauge(
        "motiongateway.tls.certificate.remaining", () => timeLeft().TotalSeconds, "s", "Time until the certificate ends that is served.");
}
