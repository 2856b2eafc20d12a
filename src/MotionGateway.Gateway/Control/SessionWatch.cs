using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>
/// Sends a session's state now and after each change, until it is closed. A busy session changes with every chunk: watchers are
/// told at a pace that a person can follow, and once a heartbeat interval in any event.
/// </summary>
internal sealed class SessionWatch(
    Sessions.Session session, BoundedWriter<WatchSessionResponse> responses, GatewayOptions options, TimeProvider timeProvider)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <exception cref="GatewayException">The watcher does not read.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var changed = new AsyncSignal();
        using var watching = session.Watch(changed);
        await using var timer = timeProvider.CreateTimer(
            static signal => ((AsyncSignal)signal!).Set(), changed, options.HeartbeatInterval, options.HeartbeatInterval);
        await using var registration = cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), changed);
        while (true)
        {
            var snapshot = session.Snapshot();
            await responses.WriteAsync(new WatchSessionResponse { Session = snapshot });
            if (snapshot.State == SessionState.Closed)
            {
                return;
            }

            await Task.Delay(Interval, timeProvider, cancellationToken);
            await changed.WaitAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
