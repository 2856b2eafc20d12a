namespace MotionGateway.Cli.Checking.Checks;

/// <summary>Its clock and this machine's agree: tokens and certificates are judged by them.</summary>
/// <param name="peer">Whose clock.</param>
/// <param name="need">The check that it builds on.</param>
/// <param name="readDate">Reads the date of an answer, which tells whole seconds; null when it has none.</param>
/// <param name="time">This machine's clock.</param>
internal sealed class ClockCheck(Peer peer, string need, Func<CancellationToken, Task<DateTimeOffset?>> readDate, TimeProvider time) : ICheck
{
    private const string Remedy = "Set the clocks of both machines by NTP: tokens are refused when they differ.";

    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Harmful = TimeSpan.FromSeconds(30);

    public string Name => $"{peer.Name} clock";

    public IReadOnlyList<string> Needs => [need];

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow();
        var date = await readDate(cancellationToken);
        return date is { } told ? Judge(told, before, time.GetUtcNow()) : CheckFinding.Skipped("its answers have no date");
    }

    private CheckFinding Judge(DateTimeOffset told, DateTimeOffset before, DateTimeOffset after)
    {
        var (ahead, behind) = (told - after, before - told - Resolution);
        var skew = ahead > behind ? ahead : behind;
        if (skew <= Tolerated)
        {
            return CheckFinding.Ok("agrees with this machine's");
        }

        string difference = $"The {peer.Name}'s clock is {skew.TotalSeconds:0} s {(ahead > behind ? "ahead of" : "behind")} this machine's.";
        return skew > Harmful ? throw new CheckFailedException(difference, Remedy) : CheckFinding.Warning(difference, Remedy);
    }
}
