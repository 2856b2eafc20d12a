using System.Globalization;

namespace MotionGateway.EndToEnd.Tests.Budget;

/// <summary>What a service's process has counted of itself since it began.</summary>
/// <param name="AllocatedBytes">Bytes that it has allocated.</param>
/// <param name="WakeUps">Pieces of work that threads were woken for.</param>
internal readonly record struct ServiceCounts(double AllocatedBytes, double WakeUps)
{
    private const string Allocated = "dotnet_gc_heap_total_allocated_bytes_total";
    private const string WorkItems = "dotnet_thread_pool_work_item_count_total";

    public static ServiceCounts operator -(ServiceCounts after, ServiceCounts before) =>
        new(after.AllocatedBytes - before.AllocatedBytes, after.WakeUps - before.WakeUps);

    /// <summary>Asks a service for its metrics, in the form that Prometheus reads.</summary>
    public static async Task<ServiceCounts> ReadAsync(HttpClient http, Uri metrics)
    {
        string[] lines = (await http.GetStringAsync(metrics)).Split('\n');
        return new ServiceCounts(Find(lines, Allocated), Find(lines, WorkItems));
    }

    private static double Find(string[] lines, string name)
    {
        string line = Assert.Single(lines, line => line.StartsWith(name, StringComparison.Ordinal));
        // Behind the value stands the time at which it was taken.
        return double.Parse(line[(line.LastIndexOf('}') + 1)..].Replace(name, "", StringComparison.Ordinal).Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
