using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Output;

namespace MotionGateway.Cli.Loading;

/// <summary>Puts load on a deployment and counts what happens.</summary>
internal sealed class LoadRun(LoadPlan plan, LoadPeers peers, TimeProvider time)
{
    private static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(5);

    // Turns end, viewers see it, and sessions are closed.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(20);

    private readonly LoadTally _tally = new();

    /// <summary>Opens the sessions over the ramp, and lets them speak until time is up or it is cancelled.</summary>
    /// <returns>What happened until then.</returns>
    public async Task<LoadReport> RunAsync(CancellationToken cancellationToken)
    {
        var clip = await DemoClip.LoadAsync(cancellationToken);
        long start = time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var giveUp = new CancellationTokenSource();
        stop.CancelAfter(plan.Duration);
        await using var ending = stop.Token.Register(() => giveUp.CancelAfter(EndLimit));
        var noting = NoteAsync(start, stop.Token);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, plan.Sessions).Select(index => RunAsync(index, clip, stop.Token, giveUp.Token)));
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            Screen.Note($"Some sessions had not ended {EndLimit.TotalSeconds:0} s after they should have.");
        }

        await stop.CancelAsync();
        await noting;
        return _tally.ToReport(plan, time.GetElapsedTime(start), cancellationToken.IsCancellationRequested);
    }

    private async Task RunAsync(int index, DemoClip clip, CancellationToken stop, CancellationToken cancellationToken)
    {
        await Task.Delay(plan.Ramp * index / plan.Sessions, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stop.IsCancellationRequested)
        {
            await new LoadSession(plan, peers, clip, _tally, time).RunAsync(stop, cancellationToken);
        }
    }

    private async Task NoteAsync(long start, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(NoteInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                Screen.Note($"{time.GetElapsedTime(start).TotalSeconds:0} s: {_tally.Opened} sessions opened, {_tally.Joined} viewers joined");
            }
        }
        catch (OperationCanceledException)
        {
            // Time is up.
        }
    }
}
