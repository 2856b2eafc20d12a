using System.Globalization;
using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.LocalMotion.Tests.Faults;

/// <summary>The table of docs/faults.md: as it is written, and as it has to be.</summary>
internal static class FaultsPage
{
    private static readonly Dictionary<FaultPoint, string> Phases = new()
    {
        [FaultPoint.Token] = "session_token",
        [FaultPoint.Upgrade] = "websocket_connect",
        [FaultPoint.Handshake] = "websocket_handshake",
    };

    public static IEnumerable<string> Rows => FaultCatalog.Behaviours.Select(behaviour =>
        $"| `{behaviour.Pattern}` | {Points(behaviour)} | {behaviour.Description} | {Summary(behaviour, Client)} | {Summary(behaviour, Session)} |");

    public static IEnumerable<string> Documented
    {
        get
        {
            string? folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "MotionGateway.sln")))
            {
                folder = Path.GetDirectoryName(folder);
            }

            return File.ReadLines(Path.Combine(folder!, "docs", "faults.md")).Where(line => line.StartsWith("| `fault-", StringComparison.Ordinal));
        }
    }

    private static string Points(FaultBehaviour behaviour) => string.Join(", ", behaviour.Points.Order().Select(FaultCatalog.NameOf));

    private static string Client(Fault fault)
    {
        FaultOutcome outcome = fault.Outcome;
        if (outcome.Kind != FaultOutcomeKind.Error)
        {
            return outcome.ToString();
        }

        // The phase goes without saying where it is the point's.
        string phase = outcome.Phase == Phases.GetValueOrDefault(fault.Point, "websocket_runtime") ? "" : $"{outcome.Phase} ";
        string pause = outcome.RetryAfter is { } after ? string.Create(CultureInfo.InvariantCulture, $" after {after.TotalSeconds} s") : "";
        return $"error {outcome.Code} {phase}{outcome.Retry}{pause}{(outcome.ConnectionStays ? ", connection stays" : "")}";
    }

    private static string Session(Fault fault)
    {
        FaultOutcome outcome = fault.Outcome;
        SessionOutcome byClass = fault.Point == FaultPoint.End ? SessionOutcome.Completed
            : outcome.Retry is "never" or "delayed" ? SessionOutcome.AudioOnly : SessionOutcome.Recovered;
        return outcome.Kind == FaultOutcomeKind.Error && outcome.Session == byClass ? "by the retry class" : outcome.Session switch
        {
            SessionOutcome.AudioOnly => "audio only",
            SessionOutcome.Recovered => "recovered",
            _ => "completed",
        };
    }

    /// <summary>What is said of a behaviour's faults: by parameter, where that matters, and by point where that is an exception.</summary>
    private static string Summary(FaultBehaviour behaviour, Func<Fault, string> tell)
    {
        var byParameter = behaviour.AllFaults.GroupBy(fault => fault.Parameter)
            .Select(faults => (Parameter: faults.Key, Told: WithExceptions(faults, tell)))
            .GroupBy(told => told.Told).ToArray();
        return byParameter.Length == 1
            ? byParameter[0].Key
            : string.Join("<br>", byParameter.Select(told => $"{string.Join(", ", told.Select(one => $"`{one.Parameter}`"))}: {told.Key}"));
    }

    private static string WithExceptions(IEnumerable<Fault> faults, Func<Fault, string> tell)
    {
        IGrouping<string, Fault>[] told = [.. faults.GroupBy(tell).OrderByDescending(group => group.Count())];
        // That no connection stays where there is no session goes without saying.
        IEnumerable<string> exceptions = told.Skip(1).Where(group => $"{group.Key}, connection stays" != told[0].Key)
            .Select(group => $"{string.Join(", ", group.Select(fault => $"@{FaultCatalog.NameOf(fault.Point)}"))} {group.Key}");
        return string.Join("; ", exceptions.Prepend(told[0].Key));
    }
}
