using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace MotionGateway.MotionServer.Tests.Chaos;

/// <summary>
/// Knows the tasks that a flow began and that have not ended: async methods that wait for something, what was given to the thread pool,
/// <c>Task.WhenAll</c> and the like. The runtime tells of each by its event source; a <see cref="TaskCompletionSource"/> is none of them.
/// </summary>
internal sealed class PendingTasks : EventListener
{
    // AsyncCausalityOperation, of the event source of tasks.
    private const EventKeywords Operations = (EventKeywords)8;

    private readonly ConcurrentDictionary<int, string> _pending = new();
    private readonly AsyncLocal<bool> _isCounted = new();

    /// <summary>How many there are now, by what the runtime calls them: <c>Async: </c> and the state machine's name, for example.</summary>
    public IReadOnlyDictionary<string, int> Count() => _pending.Values.CountBy(name => name).ToDictionary();

    /// <summary>Those of which there are more than there were, with the numbers; empty when there are none.</summary>
    public string MoreThan(IReadOnlyDictionary<string, int> before) => string.Join(", ", Count()
        .Where(now => now.Value > before.GetValueOrDefault(now.Key))
        .OrderBy(now => now.Key, StringComparer.Ordinal)
        .Select(now => $"{now.Value} {now.Key} ({before.GetValueOrDefault(now.Key)} before)"));

    /// <summary>
    /// Counts what the caller's flow begins from now on, on whatever thread. What others begin in this process, be it a server or the
    /// test runner, is none of the caller's leaks.
    /// </summary>
    public void CountThisFlow() => _isCounted.Value = true;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "System.Threading.Tasks.TplEventSource")
        {
            EnableEvents(eventSource, EventLevel.Informational, Operations);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        switch (eventData.EventName)
        {
            case "TraceOperationBegin" when _isCounted.Value:
                _pending[(int)eventData.Payload![0]!] = (string)eventData.Payload[1]!;
                break;
            case "TraceOperationEnd":
                _pending.TryRemove((int)eventData.Payload![0]!, out _);
                break;
        }
    }
}
