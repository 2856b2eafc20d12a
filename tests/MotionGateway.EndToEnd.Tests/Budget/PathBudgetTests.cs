namespace MotionGateway.EndToEnd.Tests.Budget;

/// <summary>
/// The path of a payload stays as short as it is: what gateway and relay allocate for a chunk of speech, and how often threads are woken for
/// it, is within the budget that is committed. No time is measured.
/// </summary>
public sealed class PathBudgetTests
{
    // Less than one copy of a chunk, which is 1280 bytes.
    private const double BytesMargin = 700;

    // Less than one more hop over the thread pool.
    private const double WakeUpsMargin = 0.7;

    private const int Sessions = 10;
    private const int Chunks = 200;
    private const string WriteVariable = "MOTIONGATEWAY_WRITE_BUDGET";

    [Fact]
    public async Task Chunk_FromItsSpeakerToAViewer_CostsNoMoreThanItsBudget()
    {
        await using var services = await MeasuredServices.StartAsync();
        using (var first = await SpokenChunks.OpenAsync(services, sessions: 3))
        {
            // What is done once is done.
            await first.SpeakAsync(Chunks);
        }

        using var spoken = await SpokenChunks.OpenAsync(services, Sessions);
        var before = await services.CountAsync();
        await spoken.SpeakAsync(Chunks);
        var after = await services.CountAsync();
        var measured = new CostBudget(
            PathCost.Of(after.Gateway - before.Gateway, Sessions * Chunks), PathCost.Of(after.Relay - before.Relay, Sessions * Chunks));
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            measured.Write();
        }

        var budget = CostBudget.Read();
        Assert.True(
            IsWithin(measured.Gateway, budget.Gateway) && IsWithin(measured.Relay, budget.Relay),
            $"A chunk of speech costs {measured}, which is more than {budget} and the margin. If it has to be so, commit it: "
            + $"{WriteVariable}=1 dotnet test tests/MotionGateway.EndToEnd.Tests --filter {nameof(PathBudgetTests)}");
    }

    private static bool IsWithin(PathCost measured, PathCost budget) =>
        measured.Bytes <= budget.Bytes + BytesMargin && measured.WakeUps <= budget.WakeUps + WakeUpsMargin;
}
