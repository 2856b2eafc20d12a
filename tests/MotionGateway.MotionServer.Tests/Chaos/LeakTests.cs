using System.Runtime.CompilerServices;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Chaos;

/// <summary>What the chaos counts with notices a leak.</summary>
[Collection(nameof(ChaosTests))]
[Trait("Category", "Chaos")]
public sealed class LeakTests
{
    [Fact]
    public async Task PendingTasks_AnAsyncMethodThatNeverEnds_IsAmongThemUntilItDoes()
    {
        using PendingTasks tasks = new();
        tasks.CountThisFlow();
        IReadOnlyDictionary<string, int> before = tasks.Count();
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task leaked = LeakAsync(new object(), released.Task);
        Assert.Contains($"1 Async: <{nameof(LeakAsync)}>", tasks.MoreThan(before), StringComparison.Ordinal);

        released.SetResult();
        await leaked.DefaultTimeout();
        await Eventually.TrueAsync(() => !tasks.MoreThan(before).Contains(nameof(LeakAsync), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PendingTasks_AnAsyncMethodThatFailsOrIsCancelled_IsNoLongerAmongThem(bool isCancelled)
    {
        using PendingTasks tasks = new();
        tasks.CountThisFlow();
        IReadOnlyDictionary<string, int> before = tasks.Count();
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task ending = LeakAsync(new object(), ended.Task);
        Exception failure = isCancelled ? new OperationCanceledException() : new InvalidOperationException();
        ended.SetException(failure);

        await Assert.ThrowsAnyAsync<Exception>(() => ending.DefaultTimeout());
        await Eventually.TrueAsync(() => !tasks.MoreThan(before).Contains(nameof(LeakAsync), StringComparison.Ordinal));
    }

    [Fact]
    public async Task PendingTasks_OfAFlowThatIsNotCounted_AreNotAmongThem()
    {
        using PendingTasks tasks = new();
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task counted = LeakCountedAsync(tasks, released.Task);
        Task other = LeakAsync(new object(), released.Task);

        string pending = tasks.MoreThan(new Dictionary<string, int>());

        Assert.Contains($"1 Async: <{nameof(LeakCountedAsync)}>", pending, StringComparison.Ordinal);
        Assert.Contains($"1 Async: <{nameof(LeakAsync)}>", pending, StringComparison.Ordinal);
        released.SetResult();
        await Task.WhenAll(counted, other).DefaultTimeout();
    }

    [Fact]
    public async Task LiveObjects_HeldByAnAsyncMethodThatNeverEnds_AreFoundUntilItDoes()
    {
        LiveObjects objects = new();
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task leaked = BeginLeak(objects, released.Task);
        Assert.Equal("1 StringWriter", objects.Held());

        released.SetResult();
        await leaked.DefaultTimeout();
        leaked = Task.CompletedTask;
        await Eventually.TrueAsync(() => objects.Held().Length == 0);
        Assert.True(leaked.IsCompleted);
    }

    // In a frame of its own, which holds nothing when it has gone.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task BeginLeak(LiveObjects objects, Task until)
    {
        StringWriter item = new();
        objects.Add(item);
        return LeakAsync(item, until);
    }

    private static async Task LeakCountedAsync(PendingTasks tasks, Task until)
    {
        tasks.CountThisFlow();
        await LeakAsync(new object(), until);
    }

    private static async Task LeakAsync(object held, Task until)
    {
        await until;
        GC.KeepAlive(held);
    }
}
