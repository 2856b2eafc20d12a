using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>Several regions, each a server of its own. Its tokens tell where they are from: <c>us-west:1</c>.</summary>
internal sealed class ScriptedRegions : IAsyncDisposable
{
    private readonly Dictionary<string, ScriptedServer> _servers = [];
    private readonly ConcurrentDictionary<string, int> _tokens = new();
    private readonly string[] _names;

    private ScriptedRegions(string[] names) => _names = names;

    /// <summary>Tokens that opened or tried to open a WebSocket, in order: <c>us-west:1@ap-east</c>.</summary>
    public ConcurrentQueue<string> Upgrades { get; } = new();

    public ScriptedServer this[string name] => _servers[name];

    /// <summary>Starts them; the first is the main region, the others are its fallback in order.</summary>
    public static async Task<ScriptedRegions> StartAsync(params string[] names)
    {
        ScriptedRegions regions = new(names);
        foreach (string name in names)
        {
            ScriptedServer server = await ScriptedServer.StartAsync();
            server.OnToken = context => context.Response.WriteAsync($$"""{"sessionToken":"{{regions.NextToken(name)}}"}""");
            server.OnUpgrading = token => regions.Upgrades.Enqueue($"{token}@{name}");
            regions._servers.Add(name, server);
        }

        return regions;
    }

    public int TokensOf(string name) => _tokens.GetValueOrDefault(name);

    public MotionServerOptions Options(Action<MotionServerOptions>? change = null)
    {
        MotionServerOptions options = new()
        {
            AppId = ScriptedServer.AppId,
            ApiKey = ScriptedServer.ApiKey,
            Region = _names[0],
            FallbackRegions = [.. _names.Skip(1)],
            RegionEndpoints = _servers.ToDictionary(server => server.Key, server => new MotionServerEndpoints
            {
                ConsoleUrl = new Uri(server.Value.Url, "/v1/console"),
                IngressUrl = new Uri(server.Value.Url, "/v2/driveningress"),
            }),
        };
        change?.Invoke(options);
        return options;
    }

    public MotionServerClient Client(Action<MotionServerOptions>? change = null, TimeProvider? time = null, ILoggerFactory? logs = null) =>
        new(Options(change), timeProvider: time, loggerFactory: logs);

    public async ValueTask DisposeAsync()
    {
        foreach (ScriptedServer server in _servers.Values)
        {
            await server.DisposeAsync();
        }
    }

    private string NextToken(string name) => $"{name}:{_tokens.AddOrUpdate(name, 1, (_, count) => count + 1)}";
}
