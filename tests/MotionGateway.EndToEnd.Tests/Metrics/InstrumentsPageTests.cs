using System.Text;
using System.Text.RegularExpressions;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Metrics;

/// <summary>docs/metrics.md lists the instruments of the code.</summary>
public sealed partial class InstrumentsPageTests
{
    private const string Begin = "<!-- instruments: written by InstrumentsPageTests -->";
    private const string End = "<!-- end of instruments -->";
    private const string WriteVariable = "MOTIONGATEWAY_WRITE_DOCS";

    private static readonly IReadOnlyList<MeasuredInstrument> Instruments = InstrumentsOfTheCode.Read();

    private static string Page => RepositoryRoot.PathTo("docs", "metrics.md");

    [Fact]
    public void Page_ListOfInstruments_IsThatOfTheCode()
    {
        string page = File.ReadAllText(Page);
        string expected = $"{page[..page.IndexOf(Begin, StringComparison.Ordinal)]}{Begin}\n{Write()}\n{page[page.IndexOf(End, StringComparison.Ordinal)..]}";
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(Page, expected);
        }

        Assert.True(
            expected == File.ReadAllText(Page),
            $"docs/metrics.md is not what the code measures. Write it anew: {WriteVariable}=1 dotnet test tests/MotionGateway.EndToEnd.Tests --filter {nameof(InstrumentsPageTests)}");
    }

    [Fact]
    public void Instruments_Each_AreNamedAndDescribedByTheConventions() => Assert.All(Instruments, instrument =>
    {
        Assert.Matches(InstrumentName(), instrument.Name);
        Assert.Matches(UnitName(), instrument.Unit);
        Assert.Matches(Sentence(), instrument.Description);
        Assert.All(instrument.Attributes, attribute => Assert.Matches(AttributeName(), attribute));
    });

    // The usual attributes have few values; what names a session, a viewer or an address of one would have as many as there are.
    [Fact]
    public void Attributes_All_HaveFewValues() => Assert.Equal(
        [
            "error.type", "http.response.status_code", "motion_server.outcome", "motion_server.phase", "motion_server.reason",
            "motion_server.region", "motion_server.region.source", "motion_server.retry", "motion_server.step",
            "motion_server.token.source", "motiongateway.app", "motiongateway.relay.transport", "motiongateway.reload.name",
            "motiongateway.reload.outcome", "motiongateway.slow_reader_policy",
            "motiongateway.turn.outcome", "network.io.direction", "server.address", "server.port",
        ],
        Instruments.SelectMany(instrument => instrument.Attributes).Distinct().Order(StringComparer.Ordinal));

    private static string Write()
    {
        var list = new StringBuilder();
        foreach (var meter in Instruments.GroupBy(instrument => instrument.Meter))
        {
            list.Append($"\n### {meter.Key}\n\n| instrument | in Prometheus | kind | unit | attributes | what it tells |\n|---|---|---|---|---|---|\n");
            foreach (var instrument in meter)
            {
                string attributes = string.Join(", ", instrument.Attributes.Select(attribute => $"`{attribute}`"));
                list.Append(
                    $"| `{instrument.Name}` | `{instrument.PrometheusName}` | {instrument.Kind} | `{instrument.Unit}` | {attributes} | {instrument.Description} |\n");
            }
        }

        return list.ToString();
    }

    [GeneratedRegex(@"^(motiongateway|motion_server)(\.[a-z]+(_[a-z]+)*)+$")]
    private static partial Regex InstrumentName();

    [GeneratedRegex(@"^(s|By|\{[a-z]+\})$")]
    private static partial Regex UnitName();

    [GeneratedRegex(@"^[A-Z1].*\.$")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)+$")]
    private static partial Regex AttributeName();
}
