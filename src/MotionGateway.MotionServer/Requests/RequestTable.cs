namespace MotionGateway.MotionServer;

/// <summary>The requests of a connection, by id: gives each what comes for it. Thread-safe; what is received is given by one caller at a time.</summary>
internal sealed class RequestTable(MotionConnection connection, ConnectionContext context)
{
    // So many ids are known not to be new.
    private const int MaxKnown = 1024;
    private const int MaxUnderWay = 256;

    private readonly Reception _reception = new(context.Options, context.Time);
    private readonly Lock _lock = new();
    // All guarded by the lock; the oldest is first.
    private readonly OrderedDictionary<string, MotionRequest> _known = new(StringComparer.Ordinal);
    private int _underWay;
    private bool _isComplete;
    private MotionServerException? _failure;

    /// <summary>Begins a request.</summary>
    /// <exception cref="InvalidOperationException">The id is not new.</exception>
    /// <exception cref="MotionServerException">The connection has ended, or too many requests are under way.</exception>
    public MotionRequest Start(string? requestId)
    {
        lock (_lock)
        {
            string id = requestId ?? RequestIds.Create(context.Time);
            if (_isComplete)
            {
                throw Failures.SendAfterEnd(_failure, connection.ConnectionId, id);
            }

            if (_known.ContainsKey(id))
            {
                throw new InvalidOperationException($"The connection has had a request '{id}' already.");
            }

            MakeRoomLocked(id);
            MotionRequest request = new(id, connection, context, _reception);
            _known.Add(id, request);
            _underWay++;
            return request;
        }
    }

    /// <summary>Gives motion to its request, or drops it where that is over or not of this connection.</summary>
    /// <returns>False when there is no room for it.</returns>
    public bool TryGive(MotionMessage message)
    {
        _reception.NoteMotion();
        MotionRequest? request;
        bool isGiven;
        lock (_lock)
        {
            request = FindUnderWayLocked(message.RequestId);
            if (request is null)
            {
                MotionServerTelemetry.RecordIgnored("late_motion");
                message.Dispose();
                return true;
            }

            bool isLast = message.End;
            request.Trace.NoteMotion();
            if (isLast)
            {
                request.Trace.End(RequestTrace.Completed);
            }

            isGiven = request.Inbox.TryAdd(message);
            if (isGiven && isLast)
            {
                FinishLocked(request);
            }
        }

        request.Inbox.Arrived();
        return isGiven;
    }

    /// <summary>Gives a report to the request that it is about, which has failed then, or to all under way when it names none.</summary>
    public void Give(MotionServerException report)
    {
        lock (_lock)
        {
            foreach (MotionRequest request in _known.Values.Where(request => !request.IsOver && (report.RequestId ?? request.Id) == request.Id))
            {
                request.Inbox.Add(report);
                if (report.RequestId is not null)
                {
                    request.Trace.End(RequestTrace.Failed, report.Code.ToStableName());
                }
            }
        }
    }

    /// <summary>What a playback signal tells; null where it tells nothing new, which most do.</summary>
    public PlaybackUpdate? OnSignal(string requestId, bool isEnd)
    {
        PlaybackState state = isEnd ? PlaybackState.Ended : PlaybackState.Playing;
        lock (_lock)
        {
            // That it plays, any state tells better; that it has ended, a state may tell or not.
            if (FindUnderWayLocked(requestId) is not { } request || request.Signalled == state || (!isEnd && request.HasState))
            {
                return null;
            }

            request.Signalled = state;
            NoteLocked(request, state);
            return new PlaybackUpdate { RequestId = request.Id, State = state };
        }
    }

    /// <summary>Notes a playback state.</summary>
    /// <returns>Whether it is told: not when a signal has told the same end, unless it answers a pause or a resume.</returns>
    public bool OnState(PlaybackUpdate update)
    {
        lock (_lock)
        {
            if (_known.GetValueOrDefault(update.RequestId) is not { } request)
            {
                return true;
            }

            bool isKnown = update.State == PlaybackState.Ended && request is { Signalled: PlaybackState.Ended, HasState: false };
            request.HasState = true;
            NoteLocked(request, update.State);
            return request.TakeAnswer() || !isKnown;
        }
    }

    /// <summary>Whether the request's motion has come whole, or with egress its playback has ended.</summary>
    public bool IsOver(MotionRequest request)
    {
        lock (_lock)
        {
            return request.IsOver;
        }
    }

    /// <summary>Nothing more of a request is wanted, neither what has come nor what will.</summary>
    public void Abandon(MotionRequest request, string outcome)
    {
        request.Speech.GiveUp();
        request.Trace.End(outcome);
        Finish(request);
        request.Inbox.Abandon();
    }

    /// <summary>Nothing more of a request will come.</summary>
    public void Finish(MotionRequest request)
    {
        lock (_lock)
        {
            FinishLocked(request);
        }
    }

    /// <summary>The connection has ended, and with it whatever is under way. The first call counts.</summary>
    public void Complete(MotionServerException? failure)
    {
        lock (_lock)
        {
            if (_isComplete)
            {
                return;
            }

            (_isComplete, _failure) = (true, failure);
            foreach (MotionRequest request in _known.Values.Where(request => !request.IsOver))
            {
                request.Speech.Dispose();
                request.Inbox.Complete(failure ?? Failures.ClosedEarly(connection.ConnectionId, request.Id, connection.Region));
                // Where the service publishes, an older one tells nothing of a request after its audio.
                bool isDone = connection.HasEgress && request.Speech.IsEnded && failure is null;
                request.Trace.End(isDone ? RequestTrace.Completed : RequestTrace.Abandoned, failure?.Code.ToStableName());
            }
        }
    }

    /// <summary>Throws away all motion that has not been read, after the end.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (MotionRequest request in _known.Values)
            {
                request.Inbox.Clear();
            }
        }
    }

    private MotionRequest? FindUnderWayLocked(string requestId) => _known.GetValueOrDefault(requestId) is { IsOver: false } request ? request : null;

    private void NoteLocked(MotionRequest request, PlaybackState state)
    {
        if (state == PlaybackState.Playing)
        {
            request.Trace.NoteMotion();
        }
        else if (state is PlaybackState.Ended or PlaybackState.Interrupted)
        {
            request.Trace.End(state == PlaybackState.Ended ? RequestTrace.Completed : RequestTrace.Interrupted);
            FinishLocked(request);
        }
    }

    private void FinishLocked(MotionRequest request)
    {
        if (!request.IsOver)
        {
            request.IsOver = true;
            _underWay--;
            request.Inbox.Complete(failure: null);
        }
    }

    // Callers may never dispose what they have ended, and an older server with egress tells nothing of its playback.
    private void MakeRoomLocked(string newId)
    {
        if (_underWay >= MaxUnderWay)
        {
            MotionRequest oldest = _known.Values.FirstOrDefault(request => !request.IsOver && request.Speech.IsEnded) ?? throw Failures.NotPossible(
                $"{MaxUnderWay} requests are under way and the audio of none has ended: end each, or dispose it.", connection.ConnectionId, newId);
            oldest.Trace.End(RequestTrace.Abandoned);
            FinishLocked(oldest);
        }

        if (_known.Count >= MaxKnown)
        {
            _known.Remove(_known.Values.First(request => request.IsOver).Id);
        }
    }
}
