using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.AspNetCore.HealthChecks;

internal static class HealthReports
{
    /// <summary>The state that results decide: unhealthy if one is, unknown if there are none.</summary>
    public static ServingStatus ToServingStatus(this IEnumerable<KeyValuePair<string, HealthReportEntry>> entries)
    {
        var status = ServingStatus.Unknown;
        foreach (var (_, entry) in entries)
        {
            if (entry.Status == HealthStatus.Unhealthy)
            {
                return ServingStatus.NotServing;
            }

            status = ServingStatus.Serving;
        }

        return status;
    }
}
