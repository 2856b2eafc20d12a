namespace MotionGateway.Feeds.Tests.Checker;

/// <summary>What schedules have come through: a check that nothing ever met has checked nothing.</summary>
internal sealed class LogCoverage
{
    public int Payloads { get; set; }

    public int Interrupted { get; set; }

    public int Expired { get; set; }

    public int BeforeStart { get; set; }

    /// <summary>Runs that an interrupt declared.</summary>
    public int Covered { get; set; }

    /// <summary>Turns that were introduced by an entry that had left the log.</summary>
    public int Introduced { get; set; }

    /// <summary>Starts within what is heard.</summary>
    public int PartsLeftOut { get; set; }

    /// <summary>Runs that were left out for readers that were too slow.</summary>
    public int TooSlow { get; set; }

    public void Add(LogCoverage other)
    {
        Payloads += other.Payloads;
        Interrupted += other.Interrupted;
        Expired += other.Expired;
        BeforeStart += other.BeforeStart;
        Covered += other.Covered;
        Introduced += other.Introduced;
        PartsLeftOut += other.PartsLeftOut;
        TooSlow += other.TooSlow;
    }

    public IEnumerable<int> All => [Payloads, Interrupted, Expired, BeforeStart, Covered, Introduced, PartsLeftOut, TooSlow];
}
