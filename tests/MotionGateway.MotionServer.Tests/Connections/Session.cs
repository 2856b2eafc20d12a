using Microsoft.Extensions.Logging;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

/// <summary>A connection to a server that has confirmed it and goes on by the test's script.</summary>
internal sealed class Session(ScriptedServer server, MotionServerClient client, IMotionConnection connection) : IAsyncDisposable
{
    public ScriptedServer Server { get; } = server;

    public MotionServerClient Client { get; } = client;

    public IMotionConnection Connection { get; } = connection;

    public static async Task<Session> OpenAsync(
        Func<ScriptedSocket, Task> script, Action<MotionServerOptions>? change = null, ILoggerFactory? logs = null,
        MotionConnectionOptions? options = null, params string[] capabilities)
    {
        ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.ConfirmAsync(capabilities);
            await script(socket);
        });
        MotionServerClient client = server.Client(change, logs);
        return new Session(server, client, await client.ConnectAsync(options ?? new MotionConnectionOptions("avatar", new MotionAudioFormat(16000))).DefaultTimeout());
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }
}
