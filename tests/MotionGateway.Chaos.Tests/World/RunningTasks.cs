using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace MotionGateway.Chaos.Tests.World;

/// <summary>The tasks of this process that have begun and not ended, by what the runtime calls them: <c>Async: </c> and the state machine's name, mostly.</summary>
internal sealed class RunningTasks : EventListener
{
    // AsyncCausalityOperation, of the event source of tasks.
    private const EventKeywords Operations = (EventKeywords)8;

    private readonly ConcurrentDictionary<int, string> _running = new();

    public int Count => _running.Count;

    /// <summary>How many there are of each.</summary>
    public IReadOnlyDictionary<string, int> Look() => _running.Values.CountBy(name => name).ToDictionary();

    /// <summary>Those of which there are far more than there were; empty when there are none.</summary>
    /// <param name="before">What there was.</param>
    /// <param name="slack">So many more are none: pools and listeners keep a few.</param>
    public string MoreThan(IReadOnlyDictionary<string, int> before, int slack) => string.Join(", ", Look()
        .Where(now => now.Value > before.GetValueOrDefault(now.Key) + slack)
        .Select(now => $"{now.Value} {now.Key} ({before.GetValueOrDefault(now.Key)} before)"));

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
            case "TraceOperationBegin":
                _running[(int)eventData.Payload![0]!] = (string)eventData.Payload[1]!;
                break;
            case "TraceOperationEnd":
                _running.TryRemove((int)eventData.Payload![0]!, out _);
                break;
        }
    }
}
