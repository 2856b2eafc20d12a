using System.Text.Json;
using System.Text.RegularExpressions;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Metrics;

/// <summary>What deploy/ has for Prometheus and Grafana.</summary>
internal static partial class MonitoringFiles
{
    /// <summary>The directory of Prometheus' files.</summary>
    public static string PrometheusDirectory => RepositoryRoot.PathTo("deploy", "prometheus");

    /// <summary>The names of all alerts.</summary>
    public static IEnumerable<string> AlertNames =>
        Alert().Matches(File.ReadAllText(Path.Combine(PrometheusDirectory, "alerts.yml"))).Select(match => match.Groups["name"].Value);

    /// <summary>The file of each dashboard.</summary>
    public static IEnumerable<string> Dashboards => Directory.GetFiles(RepositoryRoot.PathTo("deploy", "grafana"), "*.json").Order(StringComparer.Ordinal);

    /// <summary>The panels of a dashboard.</summary>
    public static IReadOnlyList<JsonElement> PanelsOf(string dashboard) => [.. Read(dashboard).GetProperty("panels").EnumerateArray()];

    /// <summary>The queries of a dashboard, with the panel that each is of.</summary>
    public static IEnumerable<(string Panel, string Query)> QueriesOf(string dashboard) =>
        from panel in PanelsOf(dashboard)
        where panel.TryGetProperty("targets", out _)
        from target in panel.GetProperty("targets").EnumerateArray()
        select ($"{Path.GetFileName(dashboard)}: {panel.GetProperty("title").GetString()}", target.GetProperty("expr").GetString()!);

    /// <summary>A dashboard.</summary>
    public static JsonElement Read(string dashboard)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(dashboard));
        return document.RootElement.Clone();
    }

    /// <summary>The metrics that a query asks for.</summary>
    public static IEnumerable<string> MetricsOf(string query) =>
        Name().Matches(LabelsOrTime().Replace(query, " ")).Select(match => match.Value).Distinct();

    [GeneratedRegex(@"^ +- alert: (?<name>\w+)$", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"\bby \([^)]*\)|\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex LabelsOrTime();

    // Neither a function nor an operator.
    [GeneratedRegex(@"\b(?!(or|unless)\b)[a-z]\w*\b(?! *\()")]
    private static partial Regex Name();
}
