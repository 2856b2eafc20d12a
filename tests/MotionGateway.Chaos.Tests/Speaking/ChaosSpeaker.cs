using Grpc.Core;
using MotionGateway.Chaos.Tests.Checking;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Speaking;

/// <summary>
/// A voice agent that does what the protocol tells it to: speaks turn by turn, and where its call breaks resumes with its token, its
/// position and its place in the ledger, until all that it said has been answered for and the session is closed.
/// </summary>
internal sealed partial class ChaosSpeaker : IDisposable
{
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Uri _address;
    private readonly SessionScript _script;
    private readonly Promises _promises;
    private readonly SessionView _view;
    private readonly FeedCursor _cursor;
    private readonly string _who;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskCompletionSource<SessionOpened> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _speech = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse>? _call;
    private volatile SessionEnded? _closed;
    private volatile bool _isFinishing;
    private bool _isGone;

    public ChaosSpeaker(Uri address, SessionScript script, Promises promises, SessionView view)
    {
        _address = address;
        _script = script;
        _promises = promises;
        _view = view;
        _who = $"{script} speaker";
        _cursor = new FeedCursor(promises, _who, view);
    }

    /// <summary>Its first word waits for <see cref="MaySpeak"/>.</summary>
    public bool WaitsToSpeak { get; init; }

    /// <summary>The session is open; fails when it could not be opened.</summary>
    public Task<SessionOpened> Opened => _opened.Task;

    public IReadOnlyList<SpokenTurn> Turns => _script.Turns;

    /// <summary>What the session was closed with, as the speaker was told; null where its call broke before that.</summary>
    public SessionEnded? Closed => _closed;

    public int Resumes { get; private set; }

    /// <summary>Failures of the Motion Server that were told.</summary>
    public List<string> Failures { get; } = [];

    public int Stops { get; private set; }

    /// <summary>Turns that were told to have lost their motion for good.</summary>
    public HashSet<string> LostTurns { get; } = [];

    /// <summary>Lives the session from its opening to its end.</summary>
    /// <param name="cancellationToken">The end of all patience.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!_isGone && !cancellationToken.IsCancellationRequested)
        {
            await CallAsync(cancellationToken);
            if (_closed is not null || (!_opened.Task.IsCompletedSuccessfully && _opened.Task.IsCompleted))
            {
                return;
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <summary>Lets it begin to speak.</summary>
    public void MaySpeak() => _speech.TrySetResult();

    /// <summary>Sends something beside the speech; nothing where there is no call at present.</summary>
    /// <returns>Whether it was written.</returns>
    public async Task<bool> TrySendAsync(SpeakRequest request) => _call is { } call && await TryWriteAsync(call, request);

    /// <summary>Somebody is about to interrupt something.</summary>
    public void ExpectInterrupt()
    {
        foreach (var turn in Turns.Where(turn => turn.Report is null))
        {
            turn.MayBeInterrupted = true;
        }
    }

    /// <summary>Interrupts on the speaker's own call.</summary>
    public Task<bool> InterruptAsync(string turnId, InterruptScope scope)
    {
        ExpectInterrupt();
        foreach (var turn in Turns.Where(turn => turn.Report is null && (turnId.Length > 0 ? turn.Id == turnId : turn.Sent > 0)))
        {
            // Of one turn without a name the answer tells which it was.
            turn.IsInterrupted |= turnId.Length > 0 || scope != InterruptScope.Turn;
        }

        return TrySendAsync(new SpeakRequest { Interrupt = new Interrupt { TurnId = turnId, Scope = scope, Reason = "chaos" } });
    }

    public void Dispose() => _writing.Dispose();

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        using var channel = GatewayChannel.ForAddress(_address);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var call = new SpeechService.SpeechServiceClient(channel).Speak(cancellationToken: over.Token);
        var attached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await TryWriteAsync(call, First());
        var speaking = SpeakAsync(call, attached.Task, over.Token);
        var beating = BeatAsync(call, attached.Task, over.Token);
        try
        {
            await ReadAsync(call, attached, over);
        }
        catch (RpcException fault)
        {
            OnFault(fault);
        }
        finally
        {
            _call = null;
            attached.TrySetCanceled(CancellationToken.None);
            await over.CancelAsync();
            await Task.WhenAll(speaking, beating);
        }
    }

    private SpeakRequest First()
    {
        if (!_opened.Task.IsCompletedSuccessfully)
        {
            return new SpeakRequest { Open = _script.Open };
        }

        return new SpeakRequest
        {
            Resume = new ResumeSession
            {
                SessionId = _opened.Task.Result.SessionId,
                ResumeToken = _resumeToken,
                Position = _cursor.Position,
                LedgerPosition = _ledgerPosition,
            },
        };
    }

    private void OnFault(RpcException fault)
    {
        var reason = RpcErrors.TryRead(fault, out var failure) ? failure.Reason : ErrorReason.Unspecified;
        _promises.Require(reason != ErrorReason.Internal, _who, () => $"an internal error: {fault.Status}");
        if (!_opened.Task.IsCompletedSuccessfully)
        {
            _opened.TrySetException(fault);
            return;
        }

        switch (reason)
        {
            case ErrorReason.SessionClosed or ErrorReason.SessionNotFound:
                _promises.Require(_isFinishing, _who, () => $"the session is gone: {fault.Status}");
                _isGone = true;
                break;
            case ErrorReason.ResumeTokenInvalid or ErrorReason.Superseded or ErrorReason.InvalidRequest or ErrorReason.MalformedRequest:
                _promises.Break(_who, $"the call was ended: {fault.Status}");
                _isGone = true;
                break;
            case ErrorReason.SequenceExpired or ErrorReason.EpochChanged or ErrorReason.PositionAhead:
                _promises.Break(_who, $"position {_cursor.Position} is not there: {fault.Status}");
                _isGone = true;
                break;
        }
    }

    // One write at a time; a call that has ended says why where it is read.
    private async Task<bool> TryWriteAsync(AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> call, SpeakRequest request)
    {
        await _writing.WaitAsync();
        try
        {
            await call.RequestStream.WriteAsync(request);
            return true;
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException or OperationCanceledException or IOException)
        {
            return false;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task BeatAsync(
        AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> call, Task attached, CancellationToken cancellationToken)
    {
        await attached.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        while (!cancellationToken.IsCancellationRequested)
        {
            // While the gateway does not read, none is demanded.
            if (_writing.CurrentCount > 0 && !await TryWriteAsync(call, new SpeakRequest { Heartbeat = new Heartbeat() }))
            {
                return;
            }

            await Task.Delay(_script.HeartbeatInterval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
