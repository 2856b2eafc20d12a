namespace MotionGateway.MotionServer;

/// <summary>
/// Starts work that outlives the call which happened to start it, without that caller's execution context: its activity, log
/// scopes and other ambient values belong to one call and would stick to all that the work does later.
/// </summary>
internal static class BackgroundTask
{
    /// <summary>Starts work on the thread pool. The caller keeps the task and awaits it when it disposes.</summary>
    public static Task Run(Func<Task> run)
    {
        using AsyncFlowControl? suppressed = Suppress();
        return Task.Run(run, CancellationToken.None);
    }

    /// <inheritdoc cref="Run(Func{Task})"/>
    public static Task<T> Run<T>(Func<Task<T>> run)
    {
        using AsyncFlowControl? suppressed = Suppress();
        return Task.Run(run, CancellationToken.None);
    }

    // Where nothing flows already, there is nothing to restore.
    private static AsyncFlowControl? Suppress() => ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
}
