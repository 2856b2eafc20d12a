namespace MotionGateway.Cli.Tests.Checking;

/// <summary>One line of <c>check --json</c>.</summary>
internal sealed record CheckLine(string Check, string Outcome, long Ms, string Detail, string? Remedy);
