using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>The session of a scenario, what it says, and the server that its feeds come from. Speech is 16 kHz.</summary>
internal abstract class SessionUnderTest : IAsyncDisposable
{
    protected const int Rate = 16000;

    // No two seconds of it are the same.
    protected const double ToneHertz = 441.3;

    protected static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(15);
    protected static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private int _spared;

    /// <summary>The clock of the server.</summary>
    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public abstract string Id { get; }

    /// <summary>A token for a viewer who may only view, always the same one.</summary>
    public abstract Task<string> CreateTokenAsync(int lifetimeSeconds = 3600);

    /// <summary>Says so many seconds of a turn: they are in the log when this is done.</summary>
    /// <param name="turnId">The turn, which may have begun.</param>
    /// <param name="seconds">Seconds of speech.</param>
    /// <param name="ends">Whether the turn is complete with it.</param>
    public abstract Task SayAsync(string turnId, int seconds, bool ends = true);

    /// <summary>The turn is heard to its end.</summary>
    public abstract Task EndAsync(string turnId);

    /// <summary>So much of the turn that plays is heard.</summary>
    public abstract void Hear(TimeSpan time);

    public abstract Task InterruptAsync(string turnId);

    /// <summary>What the session's log holds of a turn.</summary>
    public abstract IEnumerable<Payload> Said(string turnId);

    /// <summary>Stops the server as a signal does.</summary>
    public abstract Task StopAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Passes time until a task is done.</summary>
    public async Task<T> PassTimeAsync<T>(Task<T> task)
    {
        await Time.AdvanceUntilAsync(Moment, () => task.IsCompleted);
        return await task;
    }

    /// <summary>Passes time until a reader that does not keep up has been spared something.</summary>
    public Task SpareAsync() => Time.AdvanceUntilAsync(Moment, () => Volatile.Read(ref _spared) > 0);

    protected void CountSpared(string? policy) => Interlocked.Increment(ref _spared);
}
