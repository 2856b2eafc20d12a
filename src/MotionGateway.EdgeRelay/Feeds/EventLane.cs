using System.Diagnostics.CodeAnalysis;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Viewer events of one session that wait for the gateway: bounded in bytes, what does not fit is refused. Interrupts have
/// places of their own and go first.
/// </summary>
internal sealed class EventLane(int maxBytes)
{
    private const int MaxInterrupts = 64;

    private readonly Lock _lock = new();
    private readonly Queue<ViewerEvent> _interrupts = new();
    private readonly Queue<(ViewerEvent Event, int Bytes)> _events = new();
    private int _bytes;

    /// <summary>Set when an event has been added; the call that writes events waits for it.</summary>
    public AsyncSignal Wake { get; } = new();

    /// <returns>False when the lane is full.</returns>
    public bool TryAdd(ViewerEvent viewerEvent)
    {
        lock (_lock)
        {
            if (!TryAddLocked(viewerEvent))
            {
                return false;
            }
        }

        Wake.Set();
        return true;
    }

    public bool TryTake([NotNullWhen(true)] out ViewerEvent? viewerEvent)
    {
        lock (_lock)
        {
            if (_interrupts.TryDequeue(out viewerEvent))
            {
                return true;
            }

            if (!_events.TryDequeue(out var next))
            {
                return false;
            }

            _bytes -= next.Bytes;
            viewerEvent = next.Event;
            return true;
        }
    }

    private bool TryAddLocked(ViewerEvent viewerEvent)
    {
        if (viewerEvent.EventCase == ViewerEvent.EventOneofCase.Interrupt)
        {
            if (_interrupts.Count >= MaxInterrupts)
            {
                return false;
            }

            _interrupts.Enqueue(viewerEvent);
            return true;
        }

        int bytes = viewerEvent.CalculateSize();
        if (_bytes + bytes > maxBytes)
        {
            return false;
        }

        _events.Enqueue((viewerEvent, bytes));
        _bytes += bytes;
        return true;
    }
}
