namespace MotionGateway.Cli.Tests.Checking;

/// <summary>The last line of <c>check --json</c>.</summary>
internal sealed record CheckSum(bool Ok, int Checks, int Failed, int Warnings);
