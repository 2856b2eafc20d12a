using System.Collections.Concurrent;
using System.Text;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>Plays each scenario with each kind once, when it is asked for, and keeps what came of it.</summary>
public sealed class ConformanceRuns
{
    private readonly ConcurrentDictionary<(string Kind, string Scenario), Lazy<Task>> _runs = [];

    /// <summary>The cells of the table that a kind has.</summary>
    public static IEnumerable<(string Kind, string Scenario)> Cells =>
        from kind in FeedKind.All
        from scenario in FeedScenarios.All
        where scenario.WhyNot(kind) is null
        select (kind.Name, scenario.Name);

    /// <summary>Plays a scenario, or tells what came of it.</summary>
    public Task PlayAsync(string kind, string scenario) =>
        _runs.GetOrAdd((kind, scenario), cell => new Lazy<Task>(() => PlayOnceAsync(cell.Kind, cell.Scenario))).Value;

    /// <summary>The table of all results, with a scenario a row and a kind a column.</summary>
    public async Task<string> WriteTableAsync()
    {
        List<string> reasons = [];
        var table = new StringBuilder();
        AppendRow(["scenario", .. FeedKind.All.Select(kind => kind.Name)]);
        AppendRow(["---", .. FeedKind.All.Select(_ => "---")]);
        foreach (var scenario in FeedScenarios.All)
        {
            List<string> row = [scenario.Name];
            foreach (var kind in FeedKind.All)
            {
                row.Add(await ReadCellAsync(kind, scenario, reasons));
            }

            AppendRow(row);
        }

        for (int i = 0; i < reasons.Count; i++)
        {
            table.Append('\n').Append(i + 1).Append(". ").Append(reasons[i]);
        }

        return table.Append('\n').ToString();

        void AppendRow(IEnumerable<string> cells) => table.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    private async Task<string> ReadCellAsync(FeedKind kind, FeedScenario scenario, List<string> reasons)
    {
        if (scenario.WhyNot(kind) is { } why)
        {
            if (!reasons.Contains(why))
            {
                reasons.Add(why);
            }

            return $"n/a {reasons.IndexOf(why) + 1}";
        }

        try
        {
            await PlayAsync(kind.Name, scenario.Name);
            return "ok";
        }
        catch (Exception)
        {
            // Why, the cell's own test tells.
            return "FAILED";
        }
    }

    private static async Task PlayOnceAsync(string kindName, string scenarioName)
    {
        var kind = FeedKind.All.Single(kind => kind.Name == kindName);
        var scenario = FeedScenarios.All.Single(scenario => scenario.Name == scenarioName);
        await using var session = await kind.BeginAsync();
        await scenario.Play(kind, session);
    }
}
