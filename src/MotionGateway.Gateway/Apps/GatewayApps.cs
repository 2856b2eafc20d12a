using System.Security.Cryptography;
using System.Text.Json;
using MotionGateway.MotionServer;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>
/// The apps of a gateway, as its settings name them. An app whose settings for the Motion Server stay the same keeps its
/// connections. Not thread-safe: settings are replaced one at a time.
/// </summary>
internal sealed class GatewayApps(TimeProvider timeProvider, ILoggerFactory loggerFactory)
{
    /// <summary>Name of the app that stands at the top of the settings.</summary>
    public const string OwnName = "default";

    private Dictionary<string, (byte[] Route, AppConnections Connections)> _connections = [];

    /// <summary>What the host of the sessions is to have.</summary>
    public SessionHostOptions ToHostOptions(GatewayOptions options)
    {
        var apps = options.GetApps();
        _connections = apps.ToDictionary(entry => entry.Key, entry => Connect(entry.Key, entry.Value, options));
        return options.ToHostOptions() with { Apps = [.. apps.Select(entry => ToApp(entry.Key, entry.Value))] };
    }

    /// <summary>The app that a session is opened under.</summary>
    /// <param name="caller">Who opens it.</param>
    /// <param name="asked">The name that is asked for; empty: the caller's only app, else the default.</param>
    /// <param name="options">The settings in force.</param>
    /// <exception cref="Feeds.GatewayException">There is no such app, or not for this caller.</exception>
    public static string Choose(Caller caller, string asked, GatewayOptions options)
    {
        string? chosen = asked.Length > 0 ? asked : caller.Apps is { Count: 1 } only ? only.First() : options.EffectiveDefaultApp;
        string name = chosen?.ToLowerInvariant() ?? "";
        return options.GetApps().ContainsKey(name) && caller.May(SessionRight.Speak, name) ? name : throw SessionApp.NotFound();
    }

    private SessionApp ToApp(string name, AppOptions app) => new(name, _connections[name].Connections.Connector)
    {
        AppId = app.MotionServer.AppId,
        MotionTimeout = app.MotionServer.MotionTimeout,
        Limits = app.Limits,
        Connections = _connections[name].Connections,
    };

    private (byte[] Route, AppConnections Connections) Connect(string name, AppOptions app, GatewayOptions options)
    {
        byte[] route = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
            new { app.MotionServer, app.MotionServerPool, options.MotionServerReconnect, options.MotionServerConnectionLifetime }));
        return _connections.TryGetValue(name, out var known) && known.Route.AsSpan().SequenceEqual(route)
            ? known
            : (route, new AppConnections(app, timeProvider, loggerFactory));
    }

    /// <summary>The connections of one app, by one set of settings. Let go of by the host, when the last session has gone.</summary>
    private sealed class AppConnections : IAsyncDisposable
    {
        private readonly MotionServerClient _client;
        private readonly MotionConnectionPool _pool;

        public AppConnections(AppOptions app, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        {
            _client = new MotionServerClient(app.MotionServer, timeProvider: timeProvider, loggerFactory: loggerFactory);
            _pool = new MotionConnectionPool(_client, app.MotionServerPool, timeProvider, loggerFactory);
        }

        public IMotionConnector Connector => _pool;

        public async ValueTask DisposeAsync()
        {
            await _pool.DisposeAsync();
            await _client.DisposeAsync();
        }
    }
}
