using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>Every kind of feed through the same scenarios.</summary>
[Trait("Category", "Conformance")]
public sealed class FeedConformanceTests(ConformanceRuns runs, ITestOutputHelper output) : IClassFixture<ConformanceRuns>
{
    public static TheoryData<string, string> Cells
    {
        get
        {
            TheoryData<string, string> cells = [];
            foreach (var (kind, scenario) in ConformanceRuns.Cells)
            {
                cells.Add(kind, scenario);
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Feed_OfAnyKind_KeepsWhatTheProtocolPromises(string kind, string scenario) => runs.PlayAsync(kind, scenario);

    [Fact]
    public async Task Table_OfAllResults_HasNoFailure()
    {
        string table = await runs.WriteTableAsync();
        output.WriteLine(table);
        string path = RepositoryRoot.PathTo("artifacts", "test-results", "feed-conformance.md");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, table);

        Assert.DoesNotContain("FAILED", table, StringComparison.Ordinal);
    }

    [Fact]
    public void NotApplicable_AreTheseCellsAndNoOther()
    {
        var cells =
            from kind in FeedKind.All
            from scenario in FeedScenarios.All
            where scenario.WhyNot(kind) is not null
            select $"{kind.Name}: {scenario.Name}";

        Assert.Equal(
            [
                "gRPC: gateway gone and back",
                "SSE: fall behind: drop motion",
                "SSE: fall behind: skip turn",
                "SSE: token renewed",
                .. OfPublished("A agent", "join late"),
                .. OfPublished("B older agent", "join late"),
                .. OfPublished("C host", "join late"),
                .. OfPublished("D host binary", "join now"),
                .. OfPublished("D' host raw", "join now"),
            ],
            cells);
    }

    private static IEnumerable<string> OfPublished(string kind, string start) =>
    [
        $"{kind}: {start}",
        $"{kind}: resume by position",
        $"{kind}: fall behind: drop motion",
        $"{kind}: fall behind: skip turn",
        $"{kind}: token expiring",
        $"{kind}: token renewed",
    ];
}
