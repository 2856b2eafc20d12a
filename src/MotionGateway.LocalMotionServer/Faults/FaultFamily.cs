namespace MotionGateway.LocalMotion.Faults;

/// <summary>Faults that differ in a detail of their names only.</summary>
/// <param name="Pattern">How the names are built, such as <c>fault-token-{status}</c>.</param>
/// <param name="Description">What they have in common, in one line.</param>
/// <param name="Faults">The faults; at least one.</param>
public sealed record FaultFamily(string Pattern, string Description, IReadOnlyList<Fault> Faults);
