using System.Diagnostics;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class SharedRunsTests
{
    [Fact]
    public async Task JoinAsync_Run_HasNothingOfTheCallerWhoStartsIt()
    {
        AsyncLocal<string?> ambient = new() { Value = "the caller's" };
        using Activity caller = new Activity("caller").Start();
        await using SharedRuns<(string?, Activity?)> runs = new();

        (string?, Activity?) seen = await runs.JoinAsync("key", _ => Task.FromResult<(string?, Activity?)>((ambient.Value, Activity.Current)), default).DefaultTimeout();

        Assert.Equal((null, null), seen);
        Assert.Equal(("the caller's", caller), (ambient.Value, Activity.Current));
    }

    [Fact]
    public async Task Run_WhereNothingFlows_RunsAndLeavesItSo()
    {
        Task<int> running;
        using (ExecutionContext.SuppressFlow())
        {
            running = BackgroundTask.Run(() => Task.FromResult(7));
            Assert.True(ExecutionContext.IsFlowSuppressed());
        }

        Assert.Equal(7, await running.DefaultTimeout());
    }

    [Fact]
    public async Task JoinAsync_RunThatFailed_IsRunAgain()
    {
        await using SharedRuns<int> runs = new();

        await Assert.ThrowsAsync<NotSupportedException>(() => runs.JoinAsync("key", _ => throw new NotSupportedException(), default).DefaultTimeout());

        Assert.Equal(1, await runs.JoinAsync("key", _ => Task.FromResult(1), default).DefaultTimeout());
    }

    [Fact]
    public async Task DisposeAsync_RunThatJoinsOnItsWayOut_IsRefusedAndDoesNotBlock()
    {
        SharedRuns<int> runs = new();
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Exception? refused = null;
        bool wasFree = false;
        Task<int> running = runs.JoinAsync(
            "key",
            async stopping =>
            {
                // Another thread, which would have to wait for a lock that is held while the run is told to stop.
                using CancellationTokenRegistration registration = stopping.Register(() =>
                {
                    Thread other = new(() => refused = Record.Exception(() => { _ = runs.JoinAsync("other", _ => Task.FromResult(1), default); }));
                    other.Start();
                    wasFree = other.Join(TaskTimeoutExtensions.Limit);
                });
                started.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, stopping);
                return 0;
            },
            default);
        await started.Task.DefaultTimeout();

        Task disposing = runs.DisposeAsync().AsTask();
        await disposing.DefaultTimeout();
        await runs.DisposeAsync().AsTask().DefaultTimeout();

        Assert.True(wasFree);
        Assert.IsType<ObjectDisposedException>(refused);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
