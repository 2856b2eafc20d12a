using System.Collections.Concurrent;
using Grpc.Core;
using MotionGateway.Interop.Tests.V1;

namespace MotionGateway.Interop.Tests;

/// <summary>Lets a test see into the service's calls, which it names by the text of their requests.</summary>
public sealed class CallObserver
{
    private readonly ConcurrentDictionary<string, Call> _calls = [];

    private int _ended;

    /// <summary>How many calls have ended.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>Ends when a call has begun to wait.</summary>
    public Task Waiting(string name) => Get(name).Waiting.Task;

    /// <summary>Ends when a call has seen its cancellation.</summary>
    public Task Cancelled(string name) => Get(name).Cancelled.Task;

    /// <summary>Lets a call go on that ignores cancellation.</summary>
    public void Release(string name) => Get(name).Released.TrySetResult();

    /// <summary>What the late write of a call that ignored its deadline threw, or null.</summary>
    public Task<Exception?> LateWrite(string name) => Get(name).LateWrite.Task;

    internal async Task ObserveCancellationAsync(string name, ServerCallContext context, Func<Task>? answer = null)
    {
        Get(name).Waiting.TrySetResult();
        try
        {
            // Its reader may cancel the call while the answer is still being flushed.
            await (answer?.Invoke() ?? Task.CompletedTask);
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        finally
        {
            Get(name).Cancelled.TrySetResult();
        }
    }

    internal async Task ObserveStopAsync(string name, CancellationToken stopping)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stopping.Register(() => stopped.TrySetResult());
        Get(name).Waiting.TrySetResult();
        await stopped.Task;
    }

    internal async Task IgnoreCancellationAsync(string name, ServerCallContext context, IServerStreamWriter<EchoResponse>? responses)
    {
        var call = Get(name);
        call.Waiting.TrySetResult();
        await using var registration = context.CancellationToken.Register(() => call.Cancelled.TrySetResult());
        await call.Released.Task;
        if (responses is null)
        {
            return;
        }

        try
        {
            await responses.WriteAsync(new EchoResponse());
            call.LateWrite.TrySetResult(null);
        }
        catch (Exception exception)
        {
            call.LateWrite.TrySetResult(exception);
            throw new OperationCanceledException(context.CancellationToken);
        }
    }

    internal void End() => Interlocked.Increment(ref _ended);

    private Call Get(string name) => _calls.GetOrAdd(name, _ => new Call());

    private sealed class Call
    {
        public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<Exception?> LateWrite { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
