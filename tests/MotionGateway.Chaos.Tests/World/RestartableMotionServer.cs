using MotionGateway.Chaos.Tests.Network;
using MotionGateway.LocalMotion;

namespace MotionGateway.Chaos.Tests.World;

/// <summary>A Motion Server behind a proxy, which dies and comes back at the same address.</summary>
internal sealed class RestartableMotionServer : IAsyncDisposable
{
    private readonly Func<LocalMotionServerOptions> _options;
    private readonly SemaphoreSlim _restarting = new(1, 1);
    private volatile LocalMotionServer _server;

    private RestartableMotionServer(Func<LocalMotionServerOptions> options, LocalMotionServer server)
    {
        _options = options;
        _server = server;
        Proxy = new ChaosProxy(server.BaseAddress.Port);
    }

    public ChaosProxy Proxy { get; }

    /// <summary>The server that is there now.</summary>
    public LocalMotionServer Server => _server;

    public Uri ConsoleUrl => new($"http://{Proxy.Address}/v1/console");

    public Uri IngressUrl => new($"ws://{Proxy.Address}/v2/driveningress");

    public static async Task<RestartableMotionServer> StartAsync(Func<LocalMotionServerOptions> options) =>
        new(options, await LocalMotionServer.StartAsync(options()));

    /// <summary>Ends the server and starts another, which knows no token of the first.</summary>
    /// <param name="isKilled">Its connections are reset; else it says goodbye.</param>
    /// <param name="away">How long none is there.</param>
    public async Task RestartAsync(bool isKilled, TimeSpan away)
    {
        await _restarting.WaitAsync();
        try
        {
            Proxy.IsRefusing = true;
            if (isKilled)
            {
                Proxy.ToAll(connection => connection.Cut());
            }

            await _server.DisposeAsync();
            await Task.Delay(away);
            _server = await LocalMotionServer.StartAsync(_options());
            Proxy.TargetPort = _server.BaseAddress.Port;
        }
        finally
        {
            Proxy.IsRefusing = false;
            _restarting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await _server.DisposeAsync();
        _restarting.Dispose();
    }
}
