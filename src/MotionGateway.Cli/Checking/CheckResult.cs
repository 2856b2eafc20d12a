using System.Text.Json.Serialization;

namespace MotionGateway.Cli.Checking;

/// <summary>One line of a deployment's check.</summary>
/// <param name="Check">Its name.</param>
/// <param name="Outcome">What it came to.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Detail">What was found; of a failure its cause, in one sentence.</param>
/// <param name="Remedy">What helps; null when nothing has to be done.</param>
internal sealed record CheckResult(
    string Check, CheckOutcome Outcome, [property: JsonIgnore] TimeSpan Took, string Detail, string? Remedy = null)
{
    /// <summary>How long it took.</summary>
    public long Ms => (long)Took.TotalMilliseconds;
}
