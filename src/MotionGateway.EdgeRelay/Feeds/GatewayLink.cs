using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Whether the gateway can be reached: one for all that the relay asks of it. Whoever cannot reach it says so, and waits here,
/// while one prober asks for all.
/// </summary>
internal sealed class GatewayLink(
    SessionService.SessionServiceClient client, RelayMetrics metrics, TimeProvider timeProvider, ILogger<GatewayLink> logger) : IAsyncDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    // A gateway that comes back is not asked for all sessions in one moment.
    private static readonly TimeSpan LongestSpread = TimeSpan.FromMilliseconds(200);

    private readonly OwnContext _context = OwnContext.Capture();
    private readonly CancellationTokenSource _stop = new();

    // Guards the two below.
    private readonly Lock _lock = new();

    // Completes when the gateway is found, with whether it was away; null while nobody doubts that it is there.
    private TaskCompletionSource<bool>? _found;
    private Task _probing = Task.CompletedTask;
    private volatile bool _isReachable = true;
    private bool _isDisposed;

    /// <summary>Whether the gateway answered when it was asked last.</summary>
    public bool IsReachable => _isReachable;

    /// <summary>Somebody could not reach the gateway. Whether anybody can is asked at once, unless that is being done.</summary>
    public void Suspect()
    {
        lock (_lock)
        {
            if (_found is null && !_isDisposed)
            {
                _found = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                var found = _found;
                _probing = _context.Run(() => ProbeAsync(found, _stop.Token));
            }
        }
    }

    /// <summary>Waits until the gateway can be reached; where it was away, not until the same moment for all.</summary>
    /// <param name="limit">For how long; null: as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when it could not be reached within the limit.</returns>
    public async Task<bool> TryWaitAsync(TimeSpan? limit, CancellationToken cancellationToken)
    {
        Task<bool>? found;
        lock (_lock)
        {
            found = _found?.Task;
        }

        if (found is null)
        {
            return true;
        }

        if (limit <= TimeSpan.Zero)
        {
            return false;
        }

        try
        {
            if (await found.WaitAsync(limit ?? Timeout.InfiniteTimeSpan, timeProvider, cancellationToken))
            {
                await Task.Delay(LongestSpread * Random.Shared.NextDouble(), timeProvider, cancellationToken);
            }

            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task probing;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            probing = _probing;
        }

        await _stop.CancelAsync();
        await probing;
        _stop.Dispose();
    }

    private async Task ProbeAsync(TaskCompletionSource<bool> found, CancellationToken cancellationToken)
    {
        // The caller holds a lock.
        await Task.Yield();
        try
        {
            while (true)
            {
                long began = timeProvider.GetTimestamp();
                if (await IsThereAsync(cancellationToken))
                {
                    break;
                }

                SetReachable(false);
                var rest = ProbeInterval - timeProvider.GetElapsedTime(began);
                await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, timeProvider, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            found.SetCanceled(cancellationToken);
            return;
        }

        bool wasAway = !_isReachable;
        SetReachable(true);
        lock (_lock)
        {
            _found = null;
        }

        found.SetResult(wasAway);
    }

    // The gateway's keys cost it nothing. Whoever answers something but that nobody is there, is there.
    private async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.GetViewerTokenKeysAsync(
                new GetViewerTokenKeysRequest(), deadline: DateTime.UtcNow + ProbeTimeout, cancellationToken: cancellationToken);
            return true;
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return exception.StatusCode is StatusCode.Unimplemented or StatusCode.Unauthenticated or StatusCode.PermissionDenied;
        }
    }

    private void SetReachable(bool isReachable)
    {
        if (_isReachable == isReachable)
        {
            return;
        }

        _isReachable = isReachable;
        if (isReachable)
        {
            metrics.GatewayFound();
            GatewayLinkLog.Found(logger);
        }
        else
        {
            metrics.GatewayAway();
            GatewayLinkLog.Lost(logger);
        }
    }
}
