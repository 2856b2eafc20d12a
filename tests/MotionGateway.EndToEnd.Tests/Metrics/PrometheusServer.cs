using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Metrics;

/// <summary>Debian's Prometheus with the configuration of deploy/, at other targets and faster, in a directory that goes with it.</summary>
internal sealed partial class PrometheusServer : IAsyncDisposable
{
    public const string Program = "prometheus";
    public const string Remedy = "apt-get install prometheus";

    private readonly DirectoryInfo _directory;
    private readonly ChildProcess _process;
    private readonly HttpClient _http;

    private PrometheusServer(DirectoryInfo directory, ChildProcess process, Uri url)
    {
        _directory = directory;
        _process = process;
        _http = new HttpClient { BaseAddress = url };
    }

    /// <summary>Starts it.</summary>
    /// <param name="gateway">Where the gateway's metrics are.</param>
    /// <param name="relay">Where the relay's are.</param>
    public static async Task<PrometheusServer> StartAsync(Uri gateway, Uri relay)
    {
        var directory = Directory.CreateTempSubdirectory("motiongateway-prometheus-");
        string config = await File.ReadAllTextAsync(Path.Combine(MonitoringFiles.PrometheusDirectory, "prometheus.yml"));
        await File.WriteAllTextAsync(
            Path.Combine(directory.FullName, "prometheus.yml"),
            config.Replace("127.0.0.1:9464", gateway.Authority, StringComparison.Ordinal)
                .Replace("127.0.0.1:9465", relay.Authority, StringComparison.Ordinal)
                .Replace("interval: 15s", "interval: 1s", StringComparison.Ordinal));
        File.Copy(Path.Combine(MonitoringFiles.PrometheusDirectory, "alerts.yml"), Path.Combine(directory.FullName, "alerts.yml"));
        var process = ChildProcess.Start(
            Program,
            [$"--config.file={Path.Combine(directory.FullName, "prometheus.yml")}", $"--storage.tsdb.path={Path.Combine(directory.FullName, "data")}",
                "--web.listen-address=127.0.0.1:0"]);
        string line = await process.WaitForLineAsync(line => Listening().IsMatch(line));
        return new PrometheusServer(directory, process, new Uri($"http://{Listening().Match(line).Groups["address"].Value}"));
    }

    /// <summary>Asks for the value of a query now.</summary>
    /// <returns>The values of the series that it gives.</returns>
    public async Task<double[]> QueryAsync(string query)
    {
        var data = await GetAsync($"api/v1/query?query={Uri.EscapeDataString(query)}");
        return
        [
            .. data.GetProperty("result").EnumerateArray()
                .Select(series => double.Parse(series.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>Waits until a query has a value of at least so much.</summary>
    public async Task WaitForAsync(string query, double least)
    {
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        double[] values = [];
        while (!Array.Exists(values = await QueryAsync(query), value => value >= least))
        {
            Assert.False(limit.IsCancellationRequested, $"{query} is {string.Join(", ", values)}.\n{_process}");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>The names of all metrics that it has.</summary>
    public async Task<HashSet<string>> ReadNamesAsync() =>
        [.. (await GetAsync("api/v1/label/__name__/values")).EnumerateArray().Select(name => name.GetString()!)];

    /// <summary>What the services say of each metric: its kind and description.</summary>
    public async Task<Dictionary<string, (string Kind, string Description)>> ReadMetadataAsync() =>
        (await GetAsync("api/v1/metadata")).EnumerateObject().Select(metric => (
                metric.Name, Kind: metric.Value[0].GetProperty("type").GetString()!, Description: metric.Value[0].GetProperty("help").GetString()!))
            // OpenMetrics says it of all that one counter has, whose value is the total.
            .ToDictionary(metric => metric.Kind == "counter" ? $"{metric.Name}_total" : metric.Name, metric => (metric.Kind, metric.Description));

    /// <summary>The alerts: name, query, and whether it could be evaluated.</summary>
    public async Task<IReadOnlyList<(string Name, string Query, string Health)>> ReadAlertsAsync() =>
    [
        .. (await GetAsync("api/v1/rules")).GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray())
            .Select(rule => (rule.GetProperty("name").GetString()!, rule.GetProperty("query").GetString()!, rule.GetProperty("health").GetString()!)),
    ];

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, $"{Uri.UnescapeDataString(path)}: {answer}");
        return answer.GetProperty("data");
    }

    [GeneratedRegex("msg=\"Listening on\" address=(?<address>\\S+)")]
    private static partial Regex Listening();
}
