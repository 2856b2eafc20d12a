using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Pooling;

/// <summary>A pool over connections that do nothing, in time that the test lets pass.</summary>
public abstract class PoolRig : IAsyncLifetime
{
    private protected PoolRig() => DefaultPool = Pool();

    private protected static MotionConnectionOptions Avatar { get; } = new("avatar", new MotionAudioFormat(16000));

    private protected ObservedTimeProvider Time { get; } = new();

    private protected FakeConnector Connector { get; } = new();

    private protected MotionConnectionPool DefaultPool { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await DefaultPool.DisposeAsync();

    private protected MotionConnectionPool Pool(Action<MotionConnectionPoolOptions>? change = null)
    {
        MotionConnectionPoolOptions options = new();
        change?.Invoke(options);
        return new MotionConnectionPool(Connector, options, Time);
    }
}
