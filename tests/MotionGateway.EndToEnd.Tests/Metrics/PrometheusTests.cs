using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Metrics;

/// <summary>Dashboards and alerts ask for what the services measure, by a true Prometheus.</summary>
[Trait("Category", "Interop")]
public sealed class PrometheusTests(WatchedServices services) : IClassFixture<WatchedServices>
{
    // Measured only when something has gone wrong, or where a pool or TLS was asked for.
    private static readonly string[] Quiet =
    [
        "motion_server_client_pool_ready_connections", "motiongateway_gateway_slow_readers_total", "motiongateway_leg_failures_total",
        "motiongateway_relay_failures_total", "motiongateway_relay_reconnects_total", "motiongateway_relay_refusals_total",
        "motiongateway_relay_slow_viewers_total", "motiongateway_tls_certificate_remaining_seconds",
    ];

    [RequiresToolFact(PrometheusServer.Program, PrometheusServer.Remedy)]
    public async Task Dashboards_EachQuery_IsAnsweredWithData()
    {
        List<string> problems = [];
        var names = await services.Prometheus.ReadNamesAsync();
        foreach (var (panel, query) in MonitoringFiles.Dashboards.SelectMany(MonitoringFiles.QueriesOf))
        {
            string asked = query.Replace("$instance", ".*", StringComparison.Ordinal)
                .Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$__range", "1m", StringComparison.Ordinal);
            double[] values = await services.Prometheus.QueryAsync(asked);
            string[] missing = [.. MonitoringFiles.MetricsOf(asked).Except(names)];
            problems.AddRange(missing.Except(Quiet).Select(name => $"{panel}: there is no {name}"));
            bool isOfFailures = asked.Contains("error_type!=\"\"", StringComparison.Ordinal);
            if (missing.Length == 0 && !isOfFailures && !Array.Exists(values, double.IsFinite))
            {
                problems.Add($"{panel}: {asked} gives {(values.Length == 0 ? "nothing" : values[0])}");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [RequiresToolFact(PrometheusServer.Program, PrometheusServer.Remedy)]
    public async Task Alerts_EachExpression_IsEvaluatedOverMetricsThatThereAre()
    {
        var alerts = await services.Prometheus.ReadAlertsAsync();
        var names = await services.Prometheus.ReadNamesAsync();

        Assert.Equal(MonitoringFiles.AlertNames.Order(StringComparer.Ordinal), alerts.Select(alert => alert.Name).Order(StringComparer.Ordinal));
        foreach (var (_, query, health) in alerts)
        {
            Assert.Equal("ok", health);
            await services.Prometheus.QueryAsync(query);
        }

        Assert.Empty(alerts.SelectMany(alert => MonitoringFiles.MetricsOf(alert.Query)).Except(names).Except(Quiet));
    }

    // The names that the page gives for Prometheus are those that it gets; what is quiet is known by the code alone.
    [RequiresToolFact(PrometheusServer.Program, PrometheusServer.Remedy)]
    public async Task Metrics_OfTheServices_AreTheInstrumentsOfTheCode()
    {
        var instruments = InstrumentsOfTheCode.Read();
        var expected = instruments.ToDictionary(instrument => instrument.PrometheusName, instrument => (
            instrument.Kind switch { "Counter" => "counter", "Histogram" => "histogram", _ => "gauge" }, instrument.Description));
        var metrics = (await services.Prometheus.ReadMetadataAsync()).Where(metric => metric.Key.StartsWith("motion", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(metrics);
        Assert.Empty(Quiet.Except(expected.Keys));
        Assert.All(metrics, metric => Assert.Equal(expected.GetValueOrDefault(metric.Key), metric.Value));
    }

    [RequiresToolFact(PrometheusServer.Program, PrometheusServer.Remedy)]
    public async Task Histograms_TurnsOfASecond_AreInNoBucketBelow()
    {
        const string ofTheCompleted = "motiongateway_turn_duration_seconds_bucket{motiongateway_turn_outcome=\"completed\", le=~\"";

        Assert.Equal(0, Assert.Single(await services.Prometheus.QueryAsync($"{ofTheCompleted}1|1.0\"}}")));
        Assert.Equal(2, Assert.Single(await services.Prometheus.QueryAsync($"{ofTheCompleted}[+]Inf\"}}")));
    }

    [RequiresToolFact("promtool", PrometheusServer.Remedy)]
    public Task Promtool_ConfigurationAndRules_AreGood() =>
        ChildProcess.RunAsync("promtool", ["check", "config", "prometheus.yml"], MonitoringFiles.PrometheusDirectory);

    [RequiresToolFact("promtool", PrometheusServer.Remedy)]
    public Task Promtool_TestsOfTheAlerts_Pass() =>
        ChildProcess.RunAsync("promtool", ["test", "rules", "alerts_test.yml"], MonitoringFiles.PrometheusDirectory);
}
