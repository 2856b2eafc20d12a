using Microsoft.Extensions.Logging;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

/// <summary>A connection with a request <c>r</c>, to a server that has confirmed it, and goes on by the test's script once requests are started.</summary>
internal sealed class Session(ScriptedServer server, MotionServerClient client, IMotionConnection connection) : IAsyncDisposable
{
    public const string RequestId = "r";

    public ScriptedServer Server { get; } = server;

    public MotionServerClient Client { get; } = client;

    public IMotionConnection Connection { get; } = connection;

    public IMotionRequest Request { get; } = connection.StartRequest(RequestId);

    /// <summary>A second request, <c>other</c>.</summary>
    public IMotionRequest Other { get; } = connection.StartRequest("other");

    public static async Task<Session> OpenAsync(
        Func<ScriptedSocket, Task> script, Action<MotionServerOptions>? change = null, ILoggerFactory? logs = null,
        MotionConnectionOptions? options = null, TimeProvider? time = null, params string[] capabilities)
    {
        TaskCompletionSource isStarted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.ConfirmAsync(capabilities);
            await isStarted.Task;
            await script(socket);
        });
        MotionServerClient client = server.Client(change, logs, time: time);
        Session session = new(server, client, await client.ConnectAsync(options ?? new MotionConnectionOptions("avatar", new MotionAudioFormat(16000))).DefaultTimeout());
        isStarted.SetResult();
        return session;
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }
}
