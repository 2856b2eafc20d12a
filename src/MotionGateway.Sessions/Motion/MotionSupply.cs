using System.Diagnostics;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>
/// A session's connections to the Motion Server: makes one when speech needs it, sends over it, replaces it before its foreseeable
/// end, and lets go of it. One loop does what is next; what is next is asked under the session's lock.
/// </summary>
internal sealed partial class MotionSupply : IAsyncDisposable
{
    private static readonly TimeSpan ReplaceAgain = TimeSpan.FromSeconds(2);

    private readonly Lock _sessionLock;
    private readonly Func<ILegDemand> _demand;
    private readonly LegSources _sources;
    private readonly Func<MotionConnectionOptions> _options;
    private readonly UpstreamSpeech _speech;
    private readonly IMotionOwner _owner;
    private readonly OwnContext _context;
    private readonly TimeProvider _timeProvider;
    private readonly AsyncSignal _wake = new();
    private readonly CancellationTokenSource _stopping = new();

    // Under the session's lock, as is all of the state.
    private readonly List<MotionLeg> _retiring = [];
    private readonly HashSet<Task> _readers = [];
    private MotionLeg? _leg;
    private Task _replacing = Task.CompletedTask;
    private long? _replacedAt;
    private Task _running = Task.CompletedTask;
    private bool _isParking;
    private TimeSpan _heldOff;
    private long _heldOffAt;

    /// <param name="sessionLock">Guards the demand and all of the state.</param>
    /// <param name="demand">What is to be sent, at present.</param>
    /// <param name="sources">Where connections are from.</param>
    /// <param name="options">Makes the options of one connection.</param>
    /// <param name="speech">What a request is given of its turn's speech.</param>
    /// <param name="owner">Is told what comes.</param>
    /// <param name="context">The session's.</param>
    /// <param name="timeProvider">The clock.</param>
    public MotionSupply(
        Lock sessionLock, Func<ILegDemand> demand, LegSources sources, Func<MotionConnectionOptions> options, UpstreamSpeech speech,
        IMotionOwner owner, OwnContext context, TimeProvider timeProvider)
    {
        _sessionLock = sessionLock;
        _demand = demand;
        _sources = sources;
        _options = options;
        _speech = speech;
        _owner = owner;
        _context = context;
        _timeProvider = timeProvider;
    }

    /// <summary>Id of the connection at present; empty when there is none.</summary>
    public string ConnectionId => _leg?.Connection.ConnectionId ?? "";

    /// <summary>Connections that are open for this session.</summary>
    public int LegCount => (_leg is null ? 0 : 1) + _retiring.Count;

    /// <summary>When something becomes due without anything else happening; null: never, or it is, and the loop has been woken for it.</summary>
    public TimeSpan? NextDueLocked()
    {
        var replace = ReplaceDueLocked() is { } due && due > TimeSpan.Zero ? due : (TimeSpan?)null;
        var held = HeldOffLeft > TimeSpan.Zero && Demand.NeedsLeg ? HeldOffLeft : (TimeSpan?)null;
        return replace is null || held < replace ? held : replace;
    }

    /// <summary>Opens the first connection.</summary>
    /// <returns>Optional features of the peer.</returns>
    /// <exception cref="MotionServerException">It cannot be had.</exception>
    public Task<IReadOnlyList<string>> StartAsync(CancellationToken cancellationToken)
    {
        // It is in the trace of the call that waits for it; what goes on when that call is over is not.
        var call = Activity.Current;
        return _context.Run(() => StartAsync(call, cancellationToken));
    }

    private async Task<IReadOnlyList<string>> StartAsync(Activity? call, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        var leg = await ConnectAsync(isFirst: true, call, either.Token);
        lock (_sessionLock)
        {
            _running = RunAsync();
        }

        return leg.Connection.Capabilities;
    }

    /// <summary>Looks whether there is something to do.</summary>
    public void NudgeLocked()
    {
        if (HasWorkLocked())
        {
            _wake.Set();
        }
    }

    /// <summary>Lets go of the connection until there is speech again.</summary>
    public void ParkLocked() => _isParking = _leg is not null;

    /// <summary>The Motion Server asks to be left alone for a while: nothing that was not begun is asked of it.</summary>
    /// <param name="pause">For how long; null: it does not ask.</param>
    public void HoldOffLocked(TimeSpan? pause)
    {
        if (pause > HeldOffLeft)
        {
            (_heldOff, _heldOffAt) = (pause.Value, _timeProvider.GetTimestamp());
        }
    }

    /// <summary>The session is over: its connections are let go of at once.</summary>
    public void StopLocked()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        _stopping.Cancel();
        _wake.Set();
        foreach (var leg in _retiring.Append(_leg).OfType<MotionLeg>())
        {
            leg.IsLost = true;
            _sources.LetGo(leg);
        }

        _leg = null;
        _retiring.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        Task[] tasks;
        lock (_sessionLock)
        {
            StopLocked();
            tasks = [_running, _replacing, .. _readers];
        }

        await Task.WhenAll(tasks);
        _stopping.Dispose();
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private ILegDemand Demand => _demand();

    private TimeSpan HeldOffLeft => _heldOff == TimeSpan.Zero ? TimeSpan.Zero : _heldOff - _timeProvider.GetElapsedTime(_heldOffAt);

    private bool HasWorkLocked() =>
        !_stopping.IsCancellationRequested
        && (_isParking || _retiring.Exists(leg => leg.HasControl || leg.OpenRequests == 0)
            || (_leg is { } leg ? leg.HasControl || Demand.HasSomethingToSend || Demand.IsStale(leg) || IsReplaceDueLocked() : Demand.NeedsLeg && HeldOffLeft <= TimeSpan.Zero));

    private TimeSpan? ReplaceDueLocked() =>
        _leg is not null && _replacing.IsCompleted && _sources.UntilReplaced(_leg) is { } left && _leg.OpenRequests > 0
            ? Max(left, _replacedAt is { } at ? ReplaceAgain - _timeProvider.GetElapsedTime(at) : TimeSpan.MinValue)
            : null;

    private bool IsReplaceDueLocked() => ReplaceDueLocked() <= TimeSpan.Zero;

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var step = NextStep();
                if (step.Kind == StepKind.Wait)
                {
                    await _wake.WaitAsync();
                }
                else
                {
                    await DoAsync(step);
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception defect)
            {
                // One turn's motion may be lost by it; the session goes on.
                _owner.OnDefect(defect);
            }
        }
    }

    private async Task DoAsync(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Connect:
                await ConnectAsync();
                break;
            case StepKind.LetGo:
                _sources.LetGo(step.Leg!);
                break;
            case StepKind.Control:
                await ControlAsync(step.Request!, step.Control);
                break;
            default:
                await SendAsync(step);
                break;
        }
    }

    private async Task<MotionLeg> ConnectAsync(bool isFirst, Activity? trace, CancellationToken cancellationToken)
    {
        Activity.Current = trace;
        var leg = await _sources.ConnectAsync(isFirst, _options(), cancellationToken);
        Activity.Current = null;
        Use(leg);
        return leg;
    }

    private async Task ConnectAsync()
    {
        try
        {
            await ConnectAsync(isFirst: false, GetTrace(), _stopping.Token);
        }
        catch (MotionServerException failure)
        {
            _owner.OnConnectFailed(failure);
        }
        catch (ObjectDisposedException) when (!_stopping.IsCancellationRequested)
        {
            _owner.OnConnectFailed(new MotionServerException(
                MotionServerErrorCode.ConnectionClosed, MotionServerPhase.WebSocketConnect,
                "The way to the Motion Server is closed."));
        }
        catch (Exception defect) when (!_stopping.IsCancellationRequested)
        {
            // Whoever waits for the connection goes on without it: to try again at once would go round for ever.
            _owner.OnDefect(defect);
            _owner.OnConnectFailed(new MotionServerException(
                MotionServerErrorCode.ConnectionFailed, MotionServerPhase.WebSocketConnect, "A defect of the gateway."));
        }
    }

    private async Task ReplaceAsync()
    {
        try
        {
            await ConnectAsync(isFirst: true, GetTrace(), _stopping.Token);
        }
        catch (Exception exception) when (exception is MotionServerException or OperationCanceledException or ObjectDisposedException)
        {
            // The old one serves as long as it can; it is tried again soon.
        }
        catch (Exception defect)
        {
            _owner.OnDefect(defect);
        }
    }

    private Activity? GetTrace()
    {
        lock (_sessionLock)
        {
            return _owner.Trace;
        }
    }

    private void Use(MotionLeg leg)
    {
        bool isLate;
        lock (_sessionLock)
        {
            isLate = _stopping.IsCancellationRequested;
            if (!isLate)
            {
                if (_leg is { } old)
                {
                    // It was replaced, or two connections were being made because it was lost at that moment.
                    _retiring.Add(old);
                }

                _leg = leg;
                _replacedAt = null;
                _readers.Add(WatchAsync(leg));
                if (leg.HasEgress)
                {
                    _readers.Add(ReadPlaybackAsync(leg));
                }
            }
        }

        if (isLate)
        {
            _sources.LetGo(leg);
            return;
        }

        _owner.OnLegOpened(leg);
        _wake.Set();
    }
}
