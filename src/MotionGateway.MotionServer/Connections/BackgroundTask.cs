namespace MotionGateway.MotionServer;

/// <summary>
/// Starts work on the thread pool that outlives the call which happened to start it, without that caller's execution context: its activity, log scopes and other ambient
/// values belong to one call and would stick to all that the work does later. The caller keeps the task and awaits it when it disposes.
/// </summary>
internal static class BackgroundTask
{
    public static Task Run(Func<Task> run) => Run(async () =>
    {
        await run().ConfigureAwait(false);
        return true;
    });

    public static Task<T> Run<T>(Func<Task<T>> run)
    {
        // Where nothing flows already, there is nothing to restore.
        using AsyncFlowControl? suppressed = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        return Task.Run(run, CancellationToken.None);
    }
}
