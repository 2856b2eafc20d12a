using System.Diagnostics.CodeAnalysis;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Viewer events of one session on their way to the gateway, in lanes by kind. Interrupts go first: none is refused or makes room for
/// another viewer's, a second one of the same viewer and turn is the same, and one that would stop what its viewer has not heard yet is not done. Speech and texts
/// keep their order and are bounded in bytes, also for each viewer; of speech the oldest goes. Of playback reports the latest counts.
/// What is lost is told to the speaker with the next event. Thread-safe.
/// </summary>
internal sealed class EventLanes(EdgeRelayOptions options, RelayMetrics metrics, TimeProvider timeProvider)
{
    // Of the bytes of a session, one viewer may hold one part in so many.
    private const int SharesOfBytes = 4;

    // Far more than people at a session can want to stop in the seconds that one waits.
    private const int MaxInterrupts = 4096;

    // More turns than a session lets wait: who names further ones replaces its own.
    private const int InterruptsPerViewer = 32;
    private const int ReportsPerViewer = 4;
    private static readonly TimeSpan MaxInterruptAge = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxSpeechAge = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly LatestEvents _interrupts = new(MaxInterrupts, InterruptsPerViewer);
    private readonly LatestEvents _reports = new(options.MaxViewersPerSession * ReportsPerViewer, ReportsPerViewer);
    private readonly LinkedList<WaitingEvent> _speech = [];
    private readonly Dictionary<string, int> _bytesOfViewers = new(StringComparer.Ordinal);
    private int _bytes;

    // Lost since the last text or speech came in, and since the last event went out.
    private long _refused;
    private long _dropped;
    private bool _wasReport;

    /// <summary>Set when an event has been added; the call that writes events waits for it.</summary>
    public AsyncSignal Wake { get; } = new();

    /// <summary>Adds an event.</summary>
    /// <returns>False when there is no room for it; it is counted as lost.</returns>
    public bool TryAdd(ViewerEvent viewerEvent)
    {
        viewerEvent.LostBefore = 0;
        var waiting = new WaitingEvent(viewerEvent, viewerEvent.CalculateSize(), timeProvider.GetTimestamp());
        bool isAdded;
        lock (_lock)
        {
            isAdded = TryAddLocked(waiting);
        }

        Wake.Set();
        return isAdded;
    }

    /// <summary>Counts an event that was not let in.</summary>
    public void CountRefused()
    {
        lock (_lock)
        {
            CountRefusedLocked();
        }
    }

    /// <summary>Takes the event that is to be sent next.</summary>
    public bool TryTake([NotNullWhen(true)] out WaitingEvent? waiting)
    {
        lock (_lock)
        {
            while (TryTakeLocked(out waiting))
            {
                if (!IsTooOld(waiting))
                {
                    waiting.Event.LostBefore += _dropped;
                    _dropped = 0;
                    return true;
                }

                CountDroppedLocked(waiting);
            }

            return false;
        }
    }

    /// <summary>Gives an event back that could not be sent.</summary>
    public void PutBack(WaitingEvent waiting)
    {
        lock (_lock)
        {
            _dropped += waiting.Event.LostBefore;
            waiting.Event.LostBefore = 0;
            switch (waiting.Event.EventCase)
            {
                case ViewerEvent.EventOneofCase.Interrupt:
                    _interrupts.PutBack(waiting);
                    break;
                case ViewerEvent.EventOneofCase.Playback:
                    _reports.PutBack(waiting);
                    break;
                default:
                    _speech.AddFirst(waiting);
                    AddBytesLocked(waiting, waiting.Bytes);
                    break;
            }
        }
    }

    private bool TryAddLocked(WaitingEvent waiting)
    {
        switch (waiting.Event.EventCase)
        {
            case ViewerEvent.EventOneofCase.Interrupt:
                if (_interrupts.Set(waiting) is { } gone)
                {
                    CountDroppedLocked(gone);
                }

                return true;
            case ViewerEvent.EventOneofCase.Playback:
                // A report that a later one replaces is no loss.
                _reports.Set(waiting);
                return true;
            default:
                return TryAddSpeechLocked(waiting);
        }
    }

    private bool TryAddSpeechLocked(WaitingEvent waiting)
    {
        while (!HasRoomLocked(waiting))
        {
            if (!waiting.IsMicrophone || FindOldestSpeechLocked(waiting.Event.ViewerId) is not { } oldest)
            {
                CountRefusedLocked();
                return false;
            }

            _speech.Remove(oldest);
            AddBytesLocked(oldest.Value, -oldest.Value.Bytes);
            CountDroppedLocked(oldest.Value);
        }

        (waiting.Event.LostBefore, _refused) = (_refused, 0);
        _speech.AddLast(waiting);
        AddBytesLocked(waiting, waiting.Bytes);
        return true;
    }

    private bool HasRoomLocked(WaitingEvent waiting) => _bytes + waiting.Bytes <= options.ViewerEventBytes
        && _bytesOfViewers.GetValueOrDefault(waiting.Event.ViewerId) + waiting.Bytes
            <= Math.Max(options.ViewerEventBytes / SharesOfBytes, waiting.Bytes);

    // A viewer makes room by its own speech only.
    private LinkedListNode<WaitingEvent>? FindOldestSpeechLocked(string viewerId)
    {
        var node = _speech.First;
        while (node is not null && !(node.Value.IsMicrophone && node.Value.Event.ViewerId == viewerId))
        {
            node = node.Next;
        }

        return node;
    }

    private bool TryTakeLocked([NotNullWhen(true)] out WaitingEvent? waiting)
    {
        if (_interrupts.TryTake(out waiting))
        {
            return true;
        }

        // In turn, so that neither keeps the other waiting.
        _wasReport = !_wasReport;
        return _wasReport
            ? _reports.TryTake(out waiting) || TryTakeSpeechLocked(out waiting)
            : TryTakeSpeechLocked(out waiting) || _reports.TryTake(out waiting);
    }

    private bool TryTakeSpeechLocked([NotNullWhen(true)] out WaitingEvent? waiting)
    {
        waiting = _speech.First?.Value;
        if (waiting is null)
        {
            return false;
        }

        _speech.RemoveFirst();
        AddBytesLocked(waiting, -waiting.Bytes);
        return true;
    }

    private void AddBytesLocked(WaitingEvent waiting, int bytes)
    {
        _bytes += bytes;
        string viewerId = waiting.Event.ViewerId;
        int ofViewer = _bytesOfViewers.GetValueOrDefault(viewerId) + bytes;
        if (ofViewer > 0)
        {
            _bytesOfViewers[viewerId] = ofViewer;
        }
        else
        {
            _bytesOfViewers.Remove(viewerId);
        }
    }

    // An interrupt that names its turn can stop nothing else, however late it is.
    private bool IsTooOld(WaitingEvent waiting)
    {
        var age = timeProvider.GetElapsedTime(waiting.Since);
        return (waiting.IsMicrophone && age > MaxSpeechAge)
            || (waiting is { IsInterrupt: true, Event.Interrupt.TurnId.Length: 0 } && age > MaxInterruptAge);
    }

    private void CountRefusedLocked()
    {
        _refused++;
        metrics.EventDropped();
    }

    private void CountDroppedLocked(WaitingEvent waiting)
    {
        _dropped += waiting.Event.LostBefore + 1;
        metrics.EventDropped();
    }
}
