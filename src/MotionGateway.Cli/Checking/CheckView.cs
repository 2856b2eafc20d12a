using System.Globalization;
using MotionGateway.Cli.Output;

namespace MotionGateway.Cli.Checking;

/// <summary>Shows a line for each check, and what they came to.</summary>
internal sealed class CheckView(Screen screen)
{
    private const int OutcomeWidth = -8;
    private const int NameWidth = -20;

    /// <summary>Shows a result.</summary>
    public void Show(CheckResult result)
    {
        if (screen.IsJson)
        {
            screen.Json(result);
        }

        string took = result.Took > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"{result.Ms} ms") : "-";
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"{Word(result.Outcome),OutcomeWidth} {result.Check,NameWidth} {took,8}  {result.Detail}"));
        if (result.Remedy is { } remedy)
        {
            screen.Line($"{"",-OutcomeWidth} -> {remedy}");
        }
    }

    /// <summary>Shows what all came to.</summary>
    /// <returns>Whether nothing has failed.</returns>
    public bool ShowSum(IReadOnlyList<CheckResult> results)
    {
        int failed = results.Count(result => result.Outcome == CheckOutcome.Failed);
        int warnings = results.Count(result => result.Outcome == CheckOutcome.Warning);
        if (screen.IsJson)
        {
            screen.Json(new { ok = failed == 0, checks = results.Count, failed, warnings });
        }

        screen.Line(failed == 0 ? $"all is well ({results.Count} checks, {warnings} warnings)" : $"{failed} of {results.Count} checks failed");
        return failed == 0;
    }

    private static string Word(CheckOutcome outcome) => outcome.ToString().ToLowerInvariant();
}
