using System.Net.WebSockets;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>The time limits of one connection: for its configuration, for silence, for the whole session.</summary>
internal sealed class SessionWatch(LocalMotionServerOptions options)
{
    private readonly TaskCompletionSource _configured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastActivity = options.TimeProvider.GetTimestamp();

    /// <summary>Asked before a connection is found idle, so that what goes on without a message is told. Null: nothing does.</summary>
    public Func<Task>? LookAsync { get; set; }

    /// <summary>There was audio, motion or playback.</summary>
    /// <param name="ago">How long ago that was.</param>
    public void Touch(TimeSpan ago = default)
    {
        long then = options.TimeProvider.GetTimestamp() - (long)((Int128)ago.Ticks * options.TimeProvider.TimestampFrequency / TimeSpan.TicksPerSecond);
        long known = Interlocked.Read(ref _lastActivity);
        while (then > known)
        {
            long seen = Interlocked.CompareExchange(ref _lastActivity, then, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }

    /// <summary>The client's first message has come.</summary>
    public void Configured() => _configured.TrySetResult();

    /// <summary>Returns with what the client is to be told when one of the limits is reached.</summary>
    public async Task<Ending> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _configured.Task.WaitAsync(options.HandshakeTimeout, options.TimeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            return Ending.With(Refusals.ProtocolViolation, Refusals.CloseRequestAtFault, "expected ClientConfigureSession message: none came in time");
        }

        long started = options.TimeProvider.GetTimestamp();
        while (true)
        {
            if (Left(options.MaxSessionDuration, started) is { } session && session <= TimeSpan.Zero)
            {
                return Ending.With(Refusals.SessionTimeLimit, Refusals.SessionTimeLimit, Refusals.SessionIsOver);
            }

            if (IsIdle && LookAsync is { } lookAsync)
            {
                await lookAsync();
            }

            if (IsIdle)
            {
                string text = FormattableString.Invariant($"no audio input for {options.IdleTimeout?.TotalSeconds:0.###} s");
                return Ending.With(Refusals.NoCode, (int)WebSocketCloseStatus.NormalClosure, text);
            }

            await Task.Delay(Pause(started), options.TimeProvider, cancellationToken);
        }
    }

    private bool IsIdle => Left(options.IdleTimeout, Interlocked.Read(ref _lastActivity)) is { } idle && idle <= TimeSpan.Zero;

    private TimeSpan? Left(TimeSpan? limit, long since) => limit - options.TimeProvider.GetElapsedTime(since);

    private TimeSpan Pause(long started)
    {
        TimeSpan? session = Left(options.MaxSessionDuration, started);
        TimeSpan? idle = Left(options.IdleTimeout, Interlocked.Read(ref _lastActivity));
        TimeSpan pause = session is { } first && idle is { } second ? (first < second ? first : second) : session ?? idle ?? Timeout.InfiniteTimeSpan;
        // A limit that is reached between the look and the wait is found at the next look.
        return pause == Timeout.InfiniteTimeSpan || pause > TimeSpan.Zero ? pause : TimeSpan.Zero;
    }
}
