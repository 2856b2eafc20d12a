using System.Diagnostics;

namespace MotionGateway.Benchmarks;

/// <summary>Viewers at a fan-out, and what reaches them.</summary>
internal sealed class FanOutLoad(IFanOutSystem system, int sessions, int viewersPerSession) : IAsyncDisposable
{
    // What is on its way of a session at saturation: the source does not run ahead of the slowest viewer by more.
    private const int InFlight = 16;
    private const int Ring = 4096;
    private const int ConnectAtOnce = 50;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private readonly Session[] _sessions = [.. Enumerable.Range(0, sessions).Select(i => new Session(system, i, viewersPerSession))];
    private readonly List<RawViewer> _viewers = [];
    private readonly List<Tally> _tallies = [];

    /// <summary>Connects the viewers.</summary>
    /// <returns>Resident bytes that each costs.</returns>
    public async Task<long> ConnectAsync()
    {
        // The first make the process load and compile what it needs.
        int early = Math.Min(ConnectAtOnce, viewersPerSession - 1);
        await ConnectAsync(0, early);
        await Task.Delay(Settled);
        long before = system.Process.ResidentBytes;
        await ConnectAsync(early, viewersPerSession);
        await Task.Delay(Settled);
        return (system.Process.ResidentBytes - before) / ((viewersPerSession - early) * sessions);
    }

    /// <summary>Sends as fast as all viewers take it.</summary>
    /// <returns>Bytes a second at the viewers, and milliseconds of processor time a byte.</returns>
    public async Task<(double BytesPerSecond, double ProcessorMs)> SaturateAsync()
    {
        Array.ForEach(_sessions, session => session.Begin(InFlight));
        await Task.Delay(WarmUp);
        var (bytes, used, since) = (Delivered, system.Process.ProcessorTime, Stopwatch.GetTimestamp());
        await Task.Delay(Measured);
        double delivered = Delivered - bytes;
        double rate = delivered / Stopwatch.GetElapsedTime(since).TotalSeconds;
        used = system.Process.ProcessorTime - used;
        Array.ForEach(_sessions, session => session.Stop());
        await Task.WhenAll(_sessions.Select(session => session.Idle));
        return (rate, used.TotalMilliseconds / delivered);
    }

    /// <summary>Sends at a rate, whatever becomes of it.</summary>
    /// <param name="bytesPerSecond">Bytes a second for all viewers together.</param>
    /// <returns>Milliseconds from a message's sending to its arrival at a viewer.</returns>
    public async Task<Percentiles> MeasureLagAsync(double bytesPerSecond)
    {
        double messages = bytesPerSecond / FanOutMessages.AudioBytes / viewersPerSession;
        await SendAsync(messages, WarmUp);
        _tallies.ForEach(tally => tally.Lags = []);
        await SendAsync(messages, Measured);
        await Task.WhenAll(_sessions.Select(session => session.Idle));
        return Percentiles.Of(_tallies.SelectMany(tally => tally.Lags!));
    }

    /// <summary>Processor time used while nothing is sent, as a share of a core.</summary>
    public async Task<double> MeasureIdleAsync(TimeSpan time)
    {
        var used = system.Process.ProcessorTime;
        await Task.Delay(time);
        return (system.Process.ProcessorTime - used) / time;
    }

    public async ValueTask DisposeAsync()
    {
        await system.DisposeAsync();
        foreach (var viewer in _viewers)
        {
            await viewer.DisposeAsync();
        }
    }

    private long Delivered => _tallies.Sum(tally => tally.Bytes);

    private async Task ConnectAsync(int from, int to)
    {
        var wanted = Enumerable.Range(from, to - from).SelectMany(viewer => Enumerable.Range(0, sessions).Select(session => (session, viewer)));
        foreach (var some in wanted.Chunk(ConnectAtOnce))
        {
            var connected = await Task.WhenAll(some.Select(one =>
            {
                var tally = new Tally(_sessions[one.session]);
                _tallies.Add(tally);
                return system.ConnectAsync(one.session, one.viewer, tally.Take);
            }));
            _viewers.AddRange(connected);
        }
    }

    private async Task SendAsync(double messagesPerSecond, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        for (long sent = 0; clock.Elapsed < time;)
        {
            for (long due = (long)(clock.Elapsed.TotalSeconds * messagesPerSecond); sent < due; sent++)
            {
                _sessions[sent % sessions].Publish();
            }

            await Task.Delay(1);
        }
    }

    /// <summary>What is on its way of one session.</summary>
    private sealed class Session(IFanOutSystem system, int number, int viewers)
    {
        private readonly Lock _publishing = new();
        private readonly long[] _sentAt = new long[Ring];
        private readonly int[] _missing = new int[Ring];
        private TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _last;
        private int _inFlight;
        private volatile bool _isSaturating;

        public Task Idle => Volatile.Read(ref _inFlight) == 0 ? Task.CompletedTask : _idle.Task;

        public void Begin(int count)
        {
            _isSaturating = true;
            for (int i = 0; i < count; i++)
            {
                Publish();
            }
        }

        public void Stop() => _isSaturating = false;

        public void Publish()
        {
            lock (_publishing)
            {
                if (Interlocked.Increment(ref _inFlight) == 1)
                {
                    _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                int at = (int)(++_last % Ring);
                _missing[at] = viewers;
                _sentAt[at] = Stopwatch.GetTimestamp();
                system.Publish(number, _last);
            }
        }

        /// <summary>A viewer has a message.</summary>
        /// <returns>How long it took.</returns>
        public TimeSpan Arrive(long sequence)
        {
            int at = (int)(sequence % Ring);
            var lag = Stopwatch.GetElapsedTime(Volatile.Read(ref _sentAt[at]));
            if (Interlocked.Decrement(ref _missing[at]) > 0)
            {
                return lag;
            }

            if (_isSaturating)
            {
                Publish();
            }

            if (Interlocked.Decrement(ref _inFlight) == 0)
            {
                _idle.TrySetResult();
            }

            return lag;
        }
    }

    /// <summary>What reached one viewer.</summary>
    private sealed class Tally(Session session)
    {
        public long Bytes { get; private set; }

        /// <summary>How long messages took; null while it is not asked for.</summary>
        public List<TimeSpan>? Lags { get; set; }

        public void Take(long sequence, int bytes)
        {
            Bytes += bytes;
            var lag = session.Arrive(sequence);
            Lags?.Add(lag);
        }
    }
}
