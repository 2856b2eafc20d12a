using System.Text.RegularExpressions;
using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.LocalMotion.Tests;

public sealed partial class FaultCatalogTests
{
    private static readonly string[] Codes =
    [
        "sessionTokenExpired", "sessionTokenInvalid", "appIDUnrecognized", "appIDMismatch", "avatarNotFound", "billingRequired",
        "creditsExhausted", "sessionDurationExceeded", "concurrencyLimit", "unsupportedSampleRate", "invalidEgressConfig",
        "egressUnavailable", "idleTimeout", "upstreamError", "invalidRequest", "connectionFailed", "connectionClosed",
        "protocolError", "serverError", "unknown",
    ];

    private static readonly string[] Retries = ["never", "fresh_token", "immediate", "backoff", "delayed"];

    [Fact]
    public void All_Names_AreUniqueAndSayTheStage()
    {
        Assert.Equal(FaultCatalog.All.Count, FaultCatalog.All.Select(fault => fault.Name).Distinct().Count());
        Assert.All(FaultCatalog.All, fault => Assert.Matches("^fault-[a-z0-9-]+$", fault.Name));
        Assert.All(FaultCatalog.All, fault => Assert.Matches(@"^[A-Z0-9][^\n|]{10,160}\.$", fault.Description));
        Assert.All(FaultCatalog.All, fault => Assert.Equal(fault.Stage == FaultStage.Token, fault.Name.StartsWith("fault-token-", StringComparison.Ordinal)));
        Assert.All(FaultCatalog.All, fault => Assert.Equal(fault.Stage == FaultStage.Upgrade, fault.Name.StartsWith("fault-upgrade-", StringComparison.Ordinal)));
    }

    [Fact]
    public void All_Outcomes_AreInStableNames()
    {
        Assert.All(FaultCatalog.All.Where(fault => fault.Outcome.Kind == FaultOutcomeKind.Error), fault =>
        {
            Assert.Contains(fault.Outcome.Code, Codes);
            Assert.Contains(fault.Outcome.Retry, Retries);
        });
        Assert.Equal(
            ["session_token", "websocket_connect", "websocket_handshake", "websocket_runtime", "websocket_send"],
            FaultCatalog.All.Select(fault => fault.Outcome.Phase).OfType<string>().Distinct().Order());
        // What nothing on the wire tells is told by no fault; all else is.
        Assert.Equal(Codes.Order(), FaultCatalog.All.Select(fault => fault.Outcome.Code).OfType<string>().Distinct().Order());
        Assert.Equal(Enum.GetValues<FaultOutcomeKind>(), FaultCatalog.All.Select(fault => fault.Outcome.Kind).Distinct().Order());
    }

    [Fact]
    public void Errors_OfServerError_AreThoseOfTokenAnswersToo()
    {
        // 13 says nothing by itself, and a token answer then counts by its status; a word for a code is for HTTP answers only.
        string[] alike = Slugs("fault-handshake-error-{reason}", "fault-handshake-error-");
        Assert.Equal(
            alike.Where(slug => slug != "13").Concat(["invalid-argument", "invalid-argument-egress", "unauthenticated", "unavailable"]),
            Slugs("fault-token-error-{reason}", "fault-token-error-"));
        Assert.Equal(3 * alike.Length, Slugs("fault-error-{reason}-{before|mid|after}-turn", "fault-error-").Length);
    }

    [Fact]
    public void StrikesEgress_OfFaultsOfTheMotionOnTheWire_IsFalseAndTold()
    {
        Assert.Equal(
            FaultCatalog.Families.Where(family => family.Pattern is "fault-{motion}" or "fault-stall-{until}").SelectMany(family => family.Faults),
            FaultCatalog.All.Where(fault => !fault.StrikesEgress));
        Assert.All(FaultCatalog.All, fault => Assert.Equal(!fault.StrikesEgress, fault.Description.EndsWith(" Not with egress.", StringComparison.Ordinal)));
        Assert.All(FaultCatalog.All, fault => Assert.Equal(fault.StrikesEgress, fault.ToJson().GetProperty("strikesEgress").GetBoolean()));
    }

    [Fact]
    public void Families_Patterns_FitTheirFaults() => Assert.All(FaultCatalog.Families, family =>
    {
        string pattern = Placeholder().Replace(family.Pattern, hole => hole.Value.Contains('|', StringComparison.Ordinal) ? $"({hole.Value[1..^1]})" : "[a-z0-9-]+");
        pattern = Optional().Replace(pattern, choice => $"({choice.Groups[1].Value})?");
        Assert.NotEmpty(family.Faults);
        Assert.All(family.Faults, fault => Assert.Matches($"^{pattern}$", fault.Name));
    });

    [Fact]
    public void Documentation_Families_AreThoseOfTheCode() => Assert.Equal(
        FaultCatalog.Families.Select(family => $"| `{family.Pattern.Replace("|", "\\|", StringComparison.Ordinal)}` | {family.Faults.Count} | {family.Description} |"),
        Documented("local-motion-server.md"));

    [Fact]
    public void Documentation_Faults_AreThoseOfTheCode() => Assert.Equal(
        FaultCatalog.All.Select(fault => $"| `{fault.Name}` | {fault.Description} | {fault.Outcome} |"),
        Documented("faults.md"));

    private static string[] Slugs(string pattern, string prefix) =>
        [.. FaultCatalog.Families.Single(family => family.Pattern == pattern).Faults.Select(fault => fault.Name[prefix.Length..])];

    private static IEnumerable<string> Documented(string page)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "MotionGateway.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return File.ReadLines(Path.Combine(folder!, "docs", page)).Where(line => line.StartsWith("| `fault-", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\{[a-z|]+\}")]
    private static partial Regex Placeholder();

    // Not what a placeholder has become.
    [GeneratedRegex(@"\[(-[a-z]+(?:\|-[a-z]+)*)\]")]
    private static partial Regex Optional();
}
