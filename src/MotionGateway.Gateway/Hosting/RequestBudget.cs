using System.Threading.RateLimiting;

namespace MotionGateway.Gateway;

/// <summary>
/// What one connection's unfinished requests may hold together. A request is handled when all of it has come; thousands that
/// are never finished would hold the server's memory. Each gets room for all that it is at once, so that none waits for
/// another that waits.
/// </summary>
internal sealed class RequestBudget : IDisposable
{
    /// <summary>Bytes that any stream may hold without asking: what agents send as they speak never waits.</summary>
    public const int FreeBytes = 64 * 1024;

    /// <summary>Bytes of a connection's larger requests together.</summary>
    public const int ConnectionBytes = 64 * 1024 * 1024;

    private readonly ConcurrencyLimiter _room = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = ConnectionBytes,
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Waits for room.</summary>
    /// <param name="bytes">At most <see cref="ConnectionBytes"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The room; to be disposed of.</returns>
    public ValueTask<RateLimitLease> TakeAsync(int bytes, CancellationToken cancellationToken) => _room.AcquireAsync(bytes, cancellationToken);

    public void Dispose() => _room.Dispose();
}
