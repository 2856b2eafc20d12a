using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Opens catch-up reads, so many at a time.</summary>
internal sealed class CatchUps(GatewayFeeds gateway, EdgeRelayOptions options, RelayMetrics metrics) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.MaxCatchUps, options.MaxCatchUps);

    /// <param name="start">Where the viewer starts.</param>
    /// <param name="wake">Set when there is something to take.</param>
    /// <param name="cancellationToken">Ends the wait and the read.</param>
    /// <exception cref="GatewayException">The gateway refused, cannot be reached, or too many reads are under way.</exception>
    public async Task<CatchUp> OpenAsync(StartFeed start, AsyncSignal wake, CancellationToken cancellationToken)
    {
        if (!await _slots.WaitAsync(options.StartTimeout, cancellationToken))
        {
            throw new GatewayException(ErrorReason.ReaderLimit, "Too many viewers are catching up at present. Try again later.");
        }

        metrics.CatchUpBegan();
        var catchUp = new CatchUp(gateway, start, wake, Release, cancellationToken);
        try
        {
            await catchUp.Opened.WaitAsync(cancellationToken);
            return catchUp;
        }
        catch
        {
            await catchUp.DisposeAsync();
            throw;
        }
    }

    public void Dispose() => _slots.Dispose();

    private void Release()
    {
        metrics.CatchUpEnded();
        _slots.Release();
    }
}
