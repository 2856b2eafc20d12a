namespace MotionGateway.Benchmarks;

/// <summary>Scenarios that belong together, one after the other.</summary>
internal sealed class SeveralScenarios(string name, params IScenario[] scenarios) : IScenario
{
    public string Name => name;

    public string Description => $"{string.Join(", ", scenarios.Select(scenario => scenario.Name))}, one after the other";

    public async Task<object> RunAsync(string executable)
    {
        var rows = new List<object>();
        foreach (var scenario in scenarios)
        {
            rows.Add(await scenario.RunAsync(executable));
        }

        return new { Name, Description, Rows = rows };
    }
}
