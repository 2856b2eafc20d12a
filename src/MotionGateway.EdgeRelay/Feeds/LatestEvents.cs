using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Events of which a later one replaces an earlier one of the same viewer and turn, in the order of their first. A viewer makes room by
/// its own. Not thread-safe.
/// </summary>
/// <param name="capacity">Events at one time; beyond them the oldest goes.</param>
/// <param name="ofViewer">Of these, of one viewer.</param>
internal sealed class LatestEvents(int capacity, int ofViewer)
{
    private readonly Dictionary<(string ViewerId, string TurnId), LinkedListNode<WaitingEvent>> _events = [];
    private readonly LinkedList<WaitingEvent> _order = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Adds an event, or puts it in the place of an earlier one.</summary>
    /// <returns>The event that had to go for want of room; null as a rule.</returns>
    public WaitingEvent? Set(WaitingEvent waiting)
    {
        if (_events.TryGetValue(waiting.Key, out var earlier))
        {
            earlier.Value = waiting;
            return null;
        }

        WaitingEvent? gone = null;
        if (FindToGo(waiting.Event.ViewerId) is { } node)
        {
            gone = node.Value;
            Remove(node);
        }

        _events.Add(waiting.Key, _order.AddLast(waiting));
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, waiting.Event.ViewerId, out _)++;
        return gone;
    }

    /// <summary>Puts an event back that was taken, unless a later one has come.</summary>
    public void PutBack(WaitingEvent waiting)
    {
        if (!_events.ContainsKey(waiting.Key))
        {
            Set(waiting);
        }
    }

    public bool TryTake([NotNullWhen(true)] out WaitingEvent? waiting)
    {
        waiting = _order.First?.Value;
        if (waiting is null)
        {
            return false;
        }

        Remove(_order.First!);
        return true;
    }

    private LinkedListNode<WaitingEvent>? FindToGo(string viewerId)
    {
        if (_counts.GetValueOrDefault(viewerId) < ofViewer)
        {
            return _events.Count < capacity ? null : _order.First;
        }

        var node = _order.First;
        while (node!.Value.Event.ViewerId != viewerId)
        {
            node = node.Next;
        }

        return node;
    }

    private void Remove(LinkedListNode<WaitingEvent> node)
    {
        string viewerId = node.Value.Event.ViewerId;
        _order.Remove(node);
        _events.Remove(node.Value.Key);
        if (--CollectionsMarshal.GetValueRefOrAddDefault(_counts, viewerId, out _) == 0)
        {
            _counts.Remove(viewerId);
        }
    }
}
