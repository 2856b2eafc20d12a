using System.Collections.Concurrent;

namespace MotionGateway.MotionServer.Tests.Chaos;

/// <summary>Objects that nothing should hold any more, once those who used them are done.</summary>
internal sealed class LiveObjects
{
    private readonly ConcurrentBag<WeakReference> _known = [];

    /// <summary>Remembers an object without holding it.</summary>
    public void Add(object item) => _known.Add(new WeakReference(item));

    /// <summary>How many were remembered.</summary>
    public int Known => _known.Count;

    /// <summary>Those that something still holds, by type; finds them by collecting garbage. Empty when there are none.</summary>
    public string Held()
    {
        ProcessState.CollectGarbage();
        return string.Join(", ", _known.Select(item => item.Target?.GetType().Name).OfType<string>().CountBy(name => name).Select(type => $"{type.Value} {type.Key}"));
    }
}
