using MotionGateway.LocalMotion;
using MotionGateway.MotionServer;

namespace MotionGateway.Benchmarks;

/// <summary>From nothing to the motion of the first words, over a link with a given round trip.</summary>
internal sealed class PooledConnection(string name, TimeSpan roundTrip) : IComparison, IAsyncDisposable
{
    private static readonly MotionConnectionOptions Avatar = new("avatar", new MotionAudioFormat(16000));
    private readonly byte[] _speech = new byte[3200];
    private Setup? _setup;

    public string Name => name;

    public string Description =>
        $"connect, say 100 ms and receive its motion with {roundTrip.TotalMilliseconds} ms of round trip added, from a pool; peer: a cold connection";

    public int Operations => 1;

    public void Prepare()
    {
        _setup ??= Setup.CreateAsync(roundTrip).GetAwaiter().GetResult();
        if (!_setup.Pool.WarmAsync(Avatar).GetAwaiter().GetResult())
        {
            throw new InvalidOperationException("The pool was not filled.");
        }
    }

    public void RunSubject() => SpeakAsync(_setup!.Pool).GetAwaiter().GetResult();

    public void RunPeer() => SpeakAsync(_setup!.Client).GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        if (_setup is not null)
        {
            await _setup.Pool.DisposeAsync();
            await _setup.Client.DisposeAsync();
            await _setup.Link.DisposeAsync();
            await _setup.Server.DisposeAsync();
        }
    }

    private async Task SpeakAsync(IMotionConnector connector)
    {
        IMotionConnection connection = await connector.ConnectAsync(Avatar);
        IMotionRequest request = connection.StartRequest();
        await request.SendAsync(_speech);
        await request.EndAsync();
        await foreach (MotionMessage message in request.ReadMotionAsync())
        {
            message.Dispose();
        }

        // Without waiting for the server's goodbye, which neither way would wait for.
        using CancellationTokenSource now = new();
        await now.CancelAsync();
        await connection.CloseAsync(now.Token);
    }

    private sealed record Setup(LocalMotionServer Server, DelayedLink Link, MotionServerClient Client, MotionConnectionPool Pool)
    {
        public static async Task<Setup> CreateAsync(TimeSpan roundTrip)
        {
            LocalMotionServer server = await LocalMotionServer.StartAsync();
            DelayedLink link = new(server.BaseAddress.Port, roundTrip);
            MotionServerClient client = new(new MotionServerOptions
            {
                AppId = LocalMotionServerOptions.DefaultAppId,
                ApiKey = LocalMotionServerOptions.DefaultApiKey,
                ConsoleUrl = new UriBuilder(server.ConsoleUrl) { Port = link.Port }.Uri,
                IngressUrl = new UriBuilder(server.IngressUrl) { Port = link.Port }.Uri,
            });
            return new Setup(server, link, client, new MotionConnectionPool(client));
        }
    }
}
