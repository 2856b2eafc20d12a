using System.Diagnostics;

namespace MotionGateway.Benchmarks;

/// <summary>What a comparison gave. Times are medians; the ratio is the median of the ratios of neighbouring rounds.</summary>
/// <param name="Name">The comparison.</param>
/// <param name="Description">What is compared.</param>
/// <param name="Rounds">Rounds of each, in turn.</param>
/// <param name="Operations">Operations a round.</param>
/// <param name="SubjectNs">Nanoseconds an operation.</param>
/// <param name="PeerNs">Nanoseconds an operation of the peer.</param>
/// <param name="Ratio">Subject to peer; below 1 the subject is faster.</param>
/// <param name="SubjectBytes">Bytes allocated an operation.</param>
/// <param name="PeerBytes">Bytes allocated an operation of the peer.</param>
internal sealed record Measurement(
    string Name, string Description, int Rounds, int Operations, double SubjectNs, double PeerNs, double Ratio,
    double SubjectBytes, double PeerBytes)
{
    private const int WarmUpRounds = 10;
    private const int MeasuredRounds = 31;

    /// <summary>Runs both in turn, so that what slows the machine down slows both.</summary>
    public static Measurement Of(IComparison comparison)
    {
        var subject = new List<(double Ns, double Bytes)>();
        var peer = new List<(double Ns, double Bytes)>();
        for (int round = -WarmUpRounds; round < MeasuredRounds; round++)
        {
            comparison.Prepare();
            var mine = Time(comparison.RunSubject, comparison.Operations);
            comparison.Prepare();
            var others = Time(comparison.RunPeer, comparison.Operations);
            if (round >= 0)
            {
                subject.Add(mine);
                peer.Add(others);
            }
        }

        return new Measurement(
            comparison.Name, comparison.Description, MeasuredRounds, comparison.Operations,
            Median(subject.Select(run => run.Ns)), Median(peer.Select(run => run.Ns)),
            Median(subject.Zip(peer, (mine, others) => mine.Ns / others.Ns)),
            Median(subject.Select(run => run.Bytes)), Median(peer.Select(run => run.Bytes)));
    }

    private static (double Ns, double Bytes) Time(Action round, int operations)
    {
        // Of the whole process: what is asynchronous allocates wherever it runs.
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        round();
        double ns = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        return (ns / operations, (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / operations);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
