using System.Collections.Concurrent;
using MotionGateway.Cli.Speaking;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Loading;

/// <summary>Counts what happens under load. Any thread may count.</summary>
internal sealed class LoadTally
{
    // What failed before it had a name, such as an address where nothing listens.
    private const string Unreachable = "UNREACHABLE";

    private readonly ConcurrentDictionary<string, int> _turns = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _refusedSessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _lostSessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _refusedViewers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _lostViewers = new(StringComparer.Ordinal);
    private readonly DelayHistogram _open = new();
    private readonly DelayHistogram _firstMotion = new();
    private readonly DelayHistogram _audio = new();
    private readonly DelayHistogram _motion = new();
    private int _opened;
    private int _joined;
    private int _gaps;
    private int _reconnects;
    private long _bytes;

    /// <summary>Sessions opened so far.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Viewers joined so far.</summary>
    public int Joined => Volatile.Read(ref _joined);

    public void Open(TimeSpan took)
    {
        Interlocked.Increment(ref _opened);
        _open.Add(took);
    }

    public void RefuseSession(CommandException failure) => Count(_refusedSessions, failure);

    public void LoseSession(CommandException failure) => Count(_lostSessions, failure);

    public void Join() => Interlocked.Increment(ref _joined);

    public void RefuseViewer(CommandException failure) => Count(_refusedViewers, failure);

    public void LoseViewer(CommandException failure) => Count(_lostViewers, failure);

    public void End(TimedTurn turn)
    {
        Count(_turns, turn.Spoken.Outcome.ToString().ToLowerInvariant());
        if (turn.Timer.FirstMotion is { } delay)
        {
            _firstMotion.Add(delay);
        }
    }

    /// <summary>A payload has come to a viewer.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="delay">How long ago its speech was sent; null for what is no media.</param>
    public void Receive(Payload payload, TimeSpan? delay)
    {
        Interlocked.Add(ref _bytes, (payload.Audio?.Data.Length ?? 0) + (payload.Motion?.Envelope.Length ?? 0));
        if (delay is { } known)
        {
            (payload.Audio is null ? _motion : _audio).Add(known);
        }
    }

    /// <summary>A viewer is done.</summary>
    public void Leave(FollowedFeed feed)
    {
        Interlocked.Add(ref _gaps, feed.Contiguity.Violations.Count);
        Interlocked.Add(ref _reconnects, feed.Reconnects);
    }

    /// <summary>What was counted.</summary>
    /// <param name="plan">What was asked for.</param>
    /// <param name="elapsed">How long it went.</param>
    /// <param name="isStopped">Whether it ended early.</param>
    public LoadReport ToReport(LoadPlan plan, TimeSpan elapsed, bool isStopped) => new(
        Math.Round(elapsed.TotalSeconds, 1),
        isStopped,
        new(plan.Sessions, _opened, _refusedSessions, _lostSessions),
        new(plan.Sessions * plan.ViewersPerSession, _joined, _refusedViewers, _lostViewers),
        _turns,
        new(_open.Summarize(), _firstMotion.Summarize(), _audio.Summarize(), _motion.Summarize()),
        new(_gaps, _reconnects, _bytes, (long)(_bytes / elapsed.TotalSeconds)));

    private static void Count(ConcurrentDictionary<string, int> counts, CommandException failure) => Count(counts, failure.Reason ?? Unreachable);

    private static void Count(ConcurrentDictionary<string, int> counts, string name) => counts.AddOrUpdate(name, 1, static (_, count) => count + 1);
}
