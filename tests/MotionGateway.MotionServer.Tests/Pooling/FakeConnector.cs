using System.Collections.Concurrent;

namespace MotionGateway.MotionServer.Tests.Pooling;

/// <summary>Opens connections that do nothing, and fails as often as it is told.</summary>
internal sealed class FakeConnector : IMotionConnector, IRegionRank
{
    public ConcurrentQueue<MotionServerException> Failures { get; } = new();

    public ConcurrentQueue<FakeConnection> Opened { get; } = new();

    public int Attempts;

    /// <summary>Where connections lead.</summary>
    public string? Region { get; set; }

    /// <summary>The region that a connect would go to now; null when every one will do.</summary>
    public string? CurrentRegion { get; set; }

    /// <summary>What becomes of each connection.</summary>
    public Action<FakeConnection> OnOpened { get; set; } = _ => { };

    /// <summary>What no connector should throw.</summary>
    public Exception? Strange { get; set; }

    /// <summary>What connects wait for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public bool IsCurrentRegion(string? region) => CurrentRegion is null || CurrentRegion == region;

    public async Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default)
    {
        int number = Interlocked.Increment(ref Attempts);
        await Gate.WaitAsync(cancellationToken);
        if (Failures.TryDequeue(out MotionServerException? failure))
        {
            throw failure;
        }

        if (Strange is not null)
        {
            throw Strange;
        }

        FakeConnection connection = new($"{options.AvatarId}-{number}", Region);
        Opened.Enqueue(connection);
        OnOpened(connection);
        return connection;
    }
}
