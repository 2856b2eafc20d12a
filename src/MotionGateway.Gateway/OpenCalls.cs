using System.Collections.Concurrent;

namespace MotionGateway.Gateway;

/// <summary>The streams that are open, so that each is told of a shutdown.</summary>
internal sealed class OpenCalls : IDisposable
{
    private readonly ConcurrentDictionary<ResponseLoop, bool> _calls = new();
    private readonly CancellationTokenRegistration _registration;
    private volatile bool _isStopping;

    public OpenCalls(IHostApplicationLifetime lifetime) => _registration = lifetime.ApplicationStopping.Register(GoAway);

    /// <summary>Adds a stream until the result is disposed.</summary>
    public IDisposable Add(ResponseLoop call)
    {
        _calls[call] = true;
        if (_isStopping)
        {
            call.GoAway();
        }

        return new Entry(this, call);
    }

    public void Dispose() => _registration.Dispose();

    private void GoAway()
    {
        _isStopping = true;
        foreach (var call in _calls.Keys)
        {
            call.GoAway();
        }
    }

    private sealed class Entry(OpenCalls calls, ResponseLoop call) : IDisposable
    {
        public void Dispose() => calls._calls.TryRemove(call, out _);
    }
}
