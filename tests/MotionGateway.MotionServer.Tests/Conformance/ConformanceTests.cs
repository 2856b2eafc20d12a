using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.MotionServer.Tests.Conformance;

/// <summary>Every fault of the local Motion Server against this SDK, with 100 ms for each step: it makes of each what the fault declares.</summary>
/// <remarks>Runs alone, since its time limits are short.</remarks>
[CollectionDefinition(nameof(ConformanceTests), DisableParallelization = true)]
[Collection(nameof(ConformanceTests))]
[Trait("Category", "Conformance")]
public sealed class ConformanceTests(FaultRuns runs) : IClassFixture<FaultRuns>
{
    public static TheoryData<string> Faults => [.. FaultCatalog.All.Select(fault => fault.Name)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Client_MeetsTheFault_MakesOfItWhatItDeclares(string name)
    {
        Fault fault = FaultCatalog.Find(name)!;

        Assert.Equal(fault.Outcome.ToString(), await runs.Observed(fault));
    }
}
