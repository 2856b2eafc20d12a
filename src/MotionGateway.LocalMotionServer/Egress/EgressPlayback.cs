using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>What an <see cref="EgressPlayback"/> needs of its connection.</summary>
/// <param name="Send">Tells the client a state.</param>
/// <param name="Signal">Tells the client that a request plays, or that it has been played out.</param>
/// <param name="Abandon">Stops the work on a request.</param>
/// <param name="Touch">Tells for how long nothing has been played; zero: something is.</param>
/// <param name="LeaveAsync">Ends the connection, because nothing has been played for too long.</param>
internal sealed record EgressPeer(
    Func<ServerPlaybackState, ValueTask> Send, Func<string, bool, ValueTask> Signal, Action<string> Abandon, Action<TimeSpan> Touch, Func<ValueTask> LeaveAsync);

/// <summary>
/// Plays a connection's requests to nobody, in the time that their audio lasts, and tells the client how it goes: by signals, which every
/// server sends, and by states. One request plays at a time: audio of another one preempts it. Both are decided and sent under one
/// gate, so that they leave in the order in which they came about.
/// </summary>
internal sealed class EgressPlayback(EgressLedger ledger, EgressPeer peer, int sampleRate, TimeSpan? idleTimeout, LocalMotionServerOptions options) : IDisposable
{
    // Clients give up after 3 s without a sign.
    private static readonly TimeSpan SignalInterval = TimeSpan.FromSeconds(1);

    // Clients name limits of their own, and timers take no more than some weeks: a longer wait is made of several.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly TimeProvider _time = options.TimeProvider;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private PlayedRequest? _current;
    private PlayedRequest? _latest;
    private long _silentSince = options.TimeProvider.GetTimestamp();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Takes audio that the work on motion has taken. The first of a request starts its playback.</summary>
    /// <param name="requestId">The request.</param>
    /// <param name="receivedBytes">Bytes as they came.</param>
    /// <param name="pcmBytes">Bytes of 16-bit samples that they hold.</param>
    /// <param name="end">The request's last audio.</param>
    public Task AudioAsync(string requestId, int receivedBytes, int pcmBytes, bool end) => ChangeAsync(async () =>
    {
        if (_current is null || _current.Id != requestId || _current.AudioEnded)
        {
            await StartAsync(requestId);
        }

        PlayedRequest request = _current!;
        request.Add(pcmBytes, end);
        ledger.Audio(requestId, receivedBytes, request.Duration, end);
        _silentSince = _time.GetTimestamp();
    });

    /// <summary>
    /// Pauses or resumes, and answers with the state after that. Of another request than the latest it does nothing, and is answered by
    /// the state of the latest under the id that was asked for.
    /// </summary>
    public Task ControlAsync(string requestId, bool pause) => ChangeAsync(async () =>
    {
        if (_current is { } playing && playing.Id == requestId)
        {
            Apply(playing, pause);
            await TellAsync(playing);
        }
        else
        {
            await SendStateAsync(requestId, _latest);
        }
    });

    /// <summary>Interrupts the request that plays, also when all its audio has come. Another one is over already.</summary>
    public Task InterruptAsync(string requestId) => ChangeAsync(async () =>
    {
        if (_current?.Id == requestId)
        {
            await FinishAsync("explicit");
        }
    });

    /// <summary>Signals what plays, until cancelled.</summary>
    public async Task SignalAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(SignalInterval, _time, cancellationToken);
            await LockedAsync(async () => await (_current is { State: PlaybackState.Playing } playing ? peer.Signal(playing.Id, false) : ValueTask.CompletedTask));
        }
    }

    /// <summary>Ends requests at their horizons, pauses that last too long, and silence, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            Due due = default;
            await LockedAsync(async () => due = await SettleAsync());
            if (due.IsSilentTooLong)
            {
                await peer.LeaveAsync();
                return;
            }

            await changed.WaitAsync(due.Wait, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Tells the peer for how long nothing has been played. What is due is done first.</summary>
    public Task LookAsync() => ChangeAsync(() =>
    {
        peer.Touch(_current switch
        {
            null => _time.GetElapsedTime(_silentSince),
            { State: PlaybackState.Paused } => _current.Held,
            _ => _current.Starved,
        });
        return Task.CompletedTask;
    });

    public void Dispose() => _gate.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Apply(PlayedRequest request, bool pause)
    {
        if (pause)
        {
            request.Pause();
        }
        else
        {
            request.Resume();
        }
    }

    private async Task ChangeAsync(Func<Task> change)
    {
        await LockedAsync(async () =>
        {
            await SettleAsync();
            await change();
        });
        Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
    }

    private async Task LockedAsync(Func<Task> action)
    {
        await _gate.WaitAsync();
        try
        {
            await action();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Does what is due, and says when something will be.</summary>
    private async Task<Due> SettleAsync()
    {
        _current?.Advance();
        if (_current is { IsOver: true })
        {
            await FinishAsync("");
        }

        if (_current is { State: PlaybackState.Paused } paused)
        {
            TimeSpan left = options.PauseTimeout - paused.Held;
            if (left > TimeSpan.Zero)
            {
                return Due.In(left);
            }

            await FinishAsync("pause_timeout");
        }

        if (_current is { AudioEnded: true } ending)
        {
            return Due.In(ending.Duration - ending.Position);
        }

        if (idleTimeout is not { } limit)
        {
            return Due.In(LongestWait);
        }

        // What has come is heard first; the silence begins behind it.
        TimeSpan silence = _current is null
            ? limit - _time.GetElapsedTime(_silentSince)
            : limit - _current.Starved + (_current.Duration - _current.Position);
        return silence > TimeSpan.Zero ? Due.In(silence) : Due.Silent;
    }

    private async Task StartAsync(string requestId)
    {
        if (_current is not null)
        {
            string preempted = _current.Id;
            await FinishAsync("preempted");
            if (preempted != requestId)
            {
                peer.Abandon(preempted);
            }
        }

        _latest = _current = new PlayedRequest(requestId, sampleRate, _time);
        ledger.Begin(requestId);
        await TellAsync(_current);
        await peer.Signal(requestId, false);
    }

    /// <summary>Ends the current request: interrupted for a reason, unless it has reached its end meanwhile.</summary>
    private async Task FinishAsync(string reason)
    {
        PlayedRequest request = _current!;
        request.Advance();
        if (!request.IsOver)
        {
            request.Interrupt(reason);
        }

        _current = null;
        _silentSince = _time.GetTimestamp();
        await TellAsync(request);
        if (request.State == PlaybackState.Ended)
        {
            // Twice, because the service's clients have to take it several times.
            await peer.Signal(request.Id, true);
            await peer.Signal(request.Id, true);
        }

        if (reason == "pause_timeout")
        {
            peer.Abandon(request.Id);
        }
    }

    private async Task TellAsync(PlayedRequest request)
    {
        ledger.State(request.Id, request.State, request.Position, request.Reason);
        if (options.Egress == EgressSupport.PlaybackControl)
        {
            await SendStateAsync(request.Id, request);
        }
    }

    // Before the first request there is nothing to play.
    private ValueTask SendStateAsync(string requestId, PlayedRequest? request) => peer.Send(new ServerPlaybackState
    {
        ReqId = requestId,
        State = request?.State ?? PlaybackState.Ended,
        PlayedMs = (long)(request?.Position.TotalMilliseconds ?? 0),
        Reason = request?.Reason ?? "",
    });

    /// <summary>When to look again, unless the connection has been silent for too long.</summary>
    private readonly record struct Due(bool IsSilentTooLong, TimeSpan Wait)
    {
        public static Due Silent => new(true, TimeSpan.Zero);

        // Timers count whole milliseconds: rounded down, one would ring too early.
        public static Due In(TimeSpan time) => new(false, time < LongestWait ? TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds)) : LongestWait);
    }
}
