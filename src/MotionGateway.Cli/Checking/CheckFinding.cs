namespace MotionGateway.Cli.Checking;

/// <summary>What a check found that did not fail.</summary>
/// <param name="Outcome">What it came to.</param>
/// <param name="Detail">For people, in a few words.</param>
internal sealed record CheckFinding(CheckOutcome Outcome, string Detail)
{
    /// <summary>What helps; null when nothing has to be done.</summary>
    public string? Remedy { get; private init; }

    public static CheckFinding Ok(string detail) => new(CheckOutcome.Ok, detail);

    public static CheckFinding Skipped(string why) => new(CheckOutcome.Skipped, why);

    public static CheckFinding Warning(string what, string remedy) => new(CheckOutcome.Warning, what) { Remedy = remedy };
}
