using System.Text.Json;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Metrics;

/// <summary>What can be told of dashboards and alerts without running them.</summary>
public sealed class MonitoringFilesTests
{
    private const string DataSource = "${datasource}";

    public static TheoryData<string> Dashboards => [.. MonitoringFiles.Dashboards.Select(file => Path.GetFileName(file))];

    [Fact]
    public void Alerts_Each_HaveAnEntryInTheRunbookAndATest()
    {
        string[] headings = [.. File.ReadAllLines(RepositoryRoot.PathTo("docs", "runbook.md")).Where(line => line.StartsWith("## ", StringComparison.Ordinal))];
        string tests = File.ReadAllText(Path.Combine(MonitoringFiles.PrometheusDirectory, "alerts_test.yml"));

        Assert.NotEmpty(MonitoringFiles.AlertNames);
        Assert.Equal(MonitoringFiles.AlertNames.Select(name => $"## {name}").Order(StringComparer.Ordinal), headings.Order(StringComparer.Ordinal));
        Assert.All(MonitoringFiles.AlertNames, name => Assert.Contains($"alertname: {name}\n", tests, StringComparison.Ordinal));
        Assert.All(MonitoringFiles.AlertNames, name => Assert.Contains($"docs/runbook.md#{name.ToLowerInvariant()}\n", tests, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Dashboard_Panels_AreOnesAndWhole(string file)
    {
        string path = MonitoringFiles.Dashboards.Single(known => Path.GetFileName(known) == file);
        var panels = MonitoringFiles.PanelsOf(path);

        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.Empty(
            from first in panels
            from second in panels
            where first.GetProperty("id").GetInt32() < second.GetProperty("id").GetInt32() && Overlap(first, second)
            select $"{first.GetProperty("title")} and {second.GetProperty("title")}");
        Assert.All(panels.Where(panel => panel.GetProperty("type").GetString() != "row"), panel =>
        {
            Assert.Equal(DataSource, panel.GetProperty("datasource").GetProperty("uid").GetString());
            Assert.NotEmpty(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!);
            Assert.NotEmpty(panel.GetProperty("targets").EnumerateArray());
            Assert.All(panel.GetProperty("targets").EnumerateArray(), target => Assert.NotEmpty(target.GetProperty("expr").GetString()!));
        });
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Dashboard_Variables_AreTheDataSourceAndTheInstance(string file)
    {
        var dashboard = MonitoringFiles.Read(MonitoringFiles.Dashboards.Single(known => Path.GetFileName(known) == file));

        Assert.Equal(
            ["datasource", "instance"],
            dashboard.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => variable.GetProperty("name").GetString()));
        Assert.Equal($"motiongateway-{Path.GetFileNameWithoutExtension(file)}", dashboard.GetProperty("uid").GetString());
    }

    private static bool Overlap(JsonElement first, JsonElement second)
    {
        var (a, b) = (first.GetProperty("gridPos"), second.GetProperty("gridPos"));
        return Meet(a, b, "x", "w") && Meet(a, b, "y", "h");
    }

    private static bool Meet(JsonElement a, JsonElement b, string from, string size) =>
        a.GetProperty(from).GetInt32() < b.GetProperty(from).GetInt32() + b.GetProperty(size).GetInt32()
        && b.GetProperty(from).GetInt32() < a.GetProperty(from).GetInt32() + a.GetProperty(size).GetInt32();
}
