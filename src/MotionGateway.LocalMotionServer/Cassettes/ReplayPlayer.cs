using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Cassettes;

internal delegate ValueTask EventSender(RecordedEvent recorded, string recordedRequestId, string liveRequestId);

/// <summary>
/// Replays one recorded connection to a client: the client's n-th request is answered by the n-th recorded one, after the last by
/// the first again. One loop sends what is due, the oldest request first.
/// </summary>
internal sealed class ReplayPlayer
{
    private readonly RecordedConnection _recorded;
    private readonly LocalMotionServerOptions _options;
    private readonly EventSender _send;
    private readonly Action _onRequest;
    private readonly Lock _gate = new();
    private readonly List<LiveRequest> _requests = [];
    private TaskCompletionSource _changed = NewSignal();
    private int _begun;

    public ReplayPlayer(RecordedConnection recorded, LocalMotionServerOptions options, EventSender send, Action onRequest)
    {
        _recorded = recorded;
        _options = options;
        _send = send;
        _onRequest = onRequest;
        _requests.Add(NewRequest("", recorded.Opening));
    }

    /// <summary>The client has sent its configuration: the recorded answer follows.</summary>
    public void Configured() => Change(() => _requests.Add(NewRequest("", _recorded.Handshake)));

    /// <summary>Takes audio; false if it begins a request and the recording has none.</summary>
    public bool Audio(ClientAudioInput audio)
    {
        bool known = true;
        Change(() =>
        {
            if ((Find(audio.ReqId) is { HasEnded: false } open ? open : Begin(audio.ReqId)) is { } request)
            {
                request.Audio(audio.Audio.Length, audio.End);
            }
            else
            {
                known = false;
            }
        });
        return known;
    }

    public void Control(AnchorKind kind, string requestId) => Change(() => Find(requestId)?.Control(kind));

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            (LiveRequest? request, TimeSpan wait) = FindNext();
            if (request is not null && wait == TimeSpan.Zero && Take(request) is { } due)
            {
                await _send(due, request.RecordedId, request.Id);
            }
            else
            {
                await changed.WaitAsync(wait, _options.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LiveRequest NewRequest(string id, RecordedRequest recorded) => new(id, recorded, _options.Pace, _options.TimeProvider);

    private LiveRequest? Find(string requestId) => _requests.FindLast(request => request.Id == requestId);

    private LiveRequest? Begin(string requestId)
    {
        if (_recorded.Requests.Count == 0)
        {
            return null;
        }

        _onRequest();
        LiveRequest request = NewRequest(requestId, _recorded.Requests[_begun++ % _recorded.Requests.Count]);
        if (_requests.Count >= _options.MaxOpenRequests)
        {
            // One that waits for a control which never came, most likely.
            _requests.RemoveAt(0);
        }

        _requests.Add(request);
        return request;
    }

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
        }

        Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
    }

    /// <summary>The request whose next event is due first, the oldest among equals, and the time until then.</summary>
    private (LiveRequest? Request, TimeSpan Wait) FindNext()
    {
        lock (_gate)
        {
            // What has been replayed is kept while the client may still say something about it.
            _requests.RemoveAll(request => request.IsDone && (request.HasEnded || request.Id.Length == 0));
            LiveRequest? first = null;
            TimeSpan wait = Timeout.InfiniteTimeSpan;
            foreach (LiveRequest request in _requests.Where(request => !request.IsDone))
            {
                if (request.UntilNext() is { } left && (first is null || left < wait))
                {
                    (first, wait) = (request, left);
                }
            }

            return (first, wait);
        }
    }

    // An interrupt may have come in between.
    private RecordedEvent? Take(LiveRequest request)
    {
        lock (_gate)
        {
            return !request.IsDone && request.UntilNext() == TimeSpan.Zero ? request.Take() : null;
        }
    }
}
