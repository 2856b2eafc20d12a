using System.Text.Json;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Budget;

/// <summary>What the path of a payload may cost in each service, as it is committed beside this file.</summary>
/// <param name="Gateway">In the gateway.</param>
/// <param name="Relay">In the relay, with one viewer.</param>
internal sealed record CostBudget(PathCost Gateway, PathCost Relay)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static string Path => RepositoryRoot.PathTo("tests", "MotionGateway.EndToEnd.Tests", "Budget", "budget.json");

    public static CostBudget Read() => JsonSerializer.Deserialize<CostBudget>(File.ReadAllText(Path), Json)!;

    public void Write() => File.WriteAllText(Path, $"{JsonSerializer.Serialize(this, Json)}\n");
}

/// <summary>What a chunk of speech costs in one process, from its coming to its leaving, the motion that is made of it included.</summary>
/// <param name="Bytes">Bytes allocated.</param>
/// <param name="WakeUps">Pieces of work that threads were woken for.</param>
internal sealed record PathCost(double Bytes, double WakeUps)
{
    public static PathCost Of(ServiceCounts counts, int chunks) =>
        new(Math.Round(counts.AllocatedBytes / chunks), Math.Round(counts.WakeUps / chunks, 2));
}
