using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>HAProxy with deploy/haproxy/haproxy.cfg, before a gateway and two relays.</summary>
internal sealed class Haproxy : IAsyncDisposable
{
    public const string Program = "/usr/sbin/haproxy";
    public const string Remedy = "apt-get install haproxy";

    private readonly HeldPort _gatewayPort = HeldPort.Take();
    private readonly HeldPort _relayPort = HeldPort.Take();
    private readonly ChildProcess _process;

    private Haproxy(Uri gateway, Uri relayA, Uri relayB) => _process = ChildProcess.Start(
        Program, ["-db", "-f", RepositoryRoot.PathTo("deploy", "haproxy", "haproxy.cfg")],
        environment: new Dictionary<string, string>
        {
            ["GATEWAY_BIND"] = GatewayUrl.Authority,
            ["GATEWAY"] = gateway.Authority,
            ["RELAY_BIND"] = RelayUrl.Authority,
            ["RELAY_A"] = relayA.Authority,
            ["RELAY_B"] = relayB.Authority,
        });

    /// <summary>Where it takes calls for the gateway.</summary>
    public Uri GatewayUrl => new(_gatewayPort.Url);

    /// <summary>Where it takes viewers for the relays.</summary>
    public Uri RelayUrl => new(_relayPort.Url);

    /// <summary>All that it has logged.</summary>
    public IReadOnlyCollection<string> Lines => _process.Lines;

    /// <summary>Starts it, and waits until it answers.</summary>
    public static async Task<Haproxy> StartAsync(Uri gateway, Uri relayA, Uri relayB)
    {
        var proxy = new Haproxy(gateway, relayA, relayB);
        try
        {
            // It says nothing of its own when it listens; its first line is of the first request.
            await Eventually.TrueAsync(proxy.Answers);
            return proxy;
        }
        catch (TimeoutException failure)
        {
            await proxy.DisposeAsync();
            throw new InvalidOperationException($"HAProxy does not answer: {proxy._process}", failure);
        }
    }

    /// <summary>Waits for the line of a request, which tells who answered it.</summary>
    public Task<string> WaitForLineAsync(Func<string, bool> condition) => _process.WaitForLineAsync(condition);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _gatewayPort.Dispose();
        _relayPort.Dispose();
    }

    private bool Answers()
    {
        using var http = new HttpClient();
        try
        {
            using var answer = http.Send(new HttpRequestMessage(HttpMethod.Get, new Uri(RelayUrl, "/healthz")));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
