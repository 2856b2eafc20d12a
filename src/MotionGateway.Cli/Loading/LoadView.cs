using MotionGateway.Cli.Output;
using Spectre.Console;

namespace MotionGateway.Cli.Loading;

/// <summary>Shows what a deployment did under load.</summary>
internal static class LoadView
{
    /// <summary>Shows it.</summary>
    public static void Show(Screen screen, LoadReport report)
    {
        if (screen.IsJson)
        {
            screen.Json(report);
        }

        screen.Line($"{report.Seconds} s{(report.Stopped ? ", ended early" : "")}");
        screen.Console.Write(Counts(report));
        screen.Console.Write(Delays(report.Delays));
        var received = report.Received;
        screen.Line($"viewers got {received.Bytes} bytes of media, {received.BytesPerSecond} a second, with {received.Gaps} gaps and {received.Reconnects} reconnects");
    }

    private static Table Counts(LoadReport report)
    {
        var table = new Table().AddColumns("", "asked", "begun", "refused", "lost");
        foreach (var (name, count) in (ReadOnlySpan<(string, LoadCount)>)[("sessions", report.Sessions), ("viewers", report.Viewers)])
        {
            table.AddRow(name, $"{count.Asked}", $"{count.Begun}", ByName(count.Refused), ByName(count.Lost));
        }

        return table.AddRow("turns", "", $"{report.Turns.Values.Sum()}", "", ByName(report.Turns));
    }

    private static Table Delays(LoadDelays delays)
    {
        var table = new Table().AddColumns("ms", "count", "p50", "p95", "p99", "max");
        (string, DelaySummary)[] rows =
            [("to open", delays.Open), ("first motion", delays.FirstMotion), ("audio at viewers", delays.Audio), ("motion at viewers", delays.Motion)];
        foreach (var (name, delay) in rows)
        {
            table.AddRow(name, $"{delay.Count}", Cell(delay.P50), Cell(delay.P95), Cell(delay.P99), Cell(delay.Max));
        }

        return table;
    }

    private static string ByName(IReadOnlyDictionary<string, int> counts) =>
        counts.Count == 0 ? "0" : Markup.Escape(string.Join(", ", counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Value} {count.Key}")));

    private static string Cell(int? value) => value is { } known ? $"{known}" : "-";
}
