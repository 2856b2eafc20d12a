using System.Text.Json;
using MotionGateway.Cli.Tests.Commands;

namespace MotionGateway.Cli.Tests.Checking;

/// <summary>What <c>check --json</c> answered.</summary>
internal sealed record CheckRun(int ExitCode, IReadOnlyList<CheckLine> Lines, CheckSum Sum)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    // Far more than a busy machine needs.
    private const string Timeout = "50s";

    /// <summary>Runs it.</summary>
    public static async Task<CheckRun> RunAsync(Uri gateway, Uri? relay, params string[] options)
    {
        string[] relayOptions = relay is null ? ["--no-relay"] : ["--relay", Origin(relay)];
        var (exitCode, output, errors) = await MainRun.RunAsync(
            ["check", "--gateway", Origin(gateway), .. relayOptions, "--timeout", Timeout, "--json", .. options]);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 1, errors);
        return new CheckRun(
            exitCode, [.. lines[..^1].Select(line => JsonSerializer.Deserialize<CheckLine>(line, Options)!)],
            JsonSerializer.Deserialize<CheckSum>(lines[^1], Options)!);
    }

    /// <summary>The line of a check.</summary>
    public CheckLine this[string check] => Lines.Single(line => line.Check == check);

    /// <summary>Asserts that just these have failed, and that a script is told.</summary>
    public void AssertFailed(params string[] checks)
    {
        Assert.Equal(checks, Lines.Where(line => line.Outcome == "failed").Select(line => line.Check));
        Assert.Equal((Cli.ExitCode.Failure, false, checks.Length), (ExitCode, Sum.Ok, Sum.Failed));
        Assert.All(Lines.Where(line => line.Outcome == "failed"), line => Assert.False(string.IsNullOrWhiteSpace(line.Remedy), line.Check));
    }

    private static string Origin(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
