using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>What a speaker is told beside payloads: the session's ledger from where the call has come to, and viewers' events.</summary>
internal sealed class SpeakEvents
{
    /// <summary>Viewer events kept at the most; the oldest go.</summary>
    public const int MaxViewerEvents = 256;

    private readonly Lock _lock = new();
    private readonly Queue<ViewerEvent> _viewerEvents = new();
    private Sessions.Session? _session;
    private long _ledgerPosition;
    private long _lostBefore;

    // Nothing is told before the answer to the first request.
    private volatile bool _isOpen;

    public void Start(Sessions.Session session, long ledgerPosition) => (_session, _ledgerPosition) = (session, ledgerPosition);

    public void Open() => _isOpen = true;

    public void Add(ViewerEvent viewerEvent)
    {
        lock (_lock)
        {
            if (_viewerEvents.Count == MaxViewerEvents)
            {
                // What was lost before it is lost with it.
                _lostBefore += 1 + _viewerEvents.Dequeue().LostBefore;
            }

            _viewerEvents.Enqueue(viewerEvent);
        }
    }

    /// <summary>Viewers' events that the caller is not told any more.</summary>
    public long CountUntold()
    {
        lock (_lock)
        {
            long untold = _lostBefore + _viewerEvents.Sum(static viewerEvent => 1 + viewerEvent.LostBefore);
            _viewerEvents.Clear();
            _lostBefore = 0;
            return untold;
        }
    }

    /// <summary>The next message; null when there is none at present.</summary>
    public SpeakResponse? Next()
    {
        if (!_isOpen)
        {
            return null;
        }

        if (_session!.TryReadLedger(ref _ledgerPosition, out var response))
        {
            return response;
        }

        lock (_lock)
        {
            if (!_viewerEvents.TryDequeue(out var viewerEvent))
            {
                return null;
            }

            if (_lostBefore > 0)
            {
                viewerEvent = viewerEvent.Clone();
                viewerEvent.LostBefore += _lostBefore;
                _lostBefore = 0;
            }

            return new SpeakResponse { ViewerEvent = viewerEvent };
        }
    }
}
