using System.Text.Json;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>What listens there is a relay, which reaches its gateway and can verify viewers' tokens.</summary>
internal sealed class RelayHealthCheck(Peer peer, HttpMessageInvoker http) : ICheck
{
    private const string Live = "/healthz";
    private const string Ready = "/readyz";
    private const int MaxAnswerBytes = 64 * 1024;

    public string Name => CheckNames.Health(peer.Name);

    public IReadOnlyList<string> Needs => [CheckNames.Address(peer.Name), CheckNames.Certificate(peer.Name)];

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        if ((await ReadAsync(Live, cancellationToken)).GetValueOrDefault("status").ToString() != "ok")
        {
            throw NoRelay();
        }

        var ready = await ReadAsync(Ready, cancellationToken);
        return FindProblem(ready) is { } problem ? throw problem
            : CheckFinding.Ok($"{ready.GetValueOrDefault("status")}, {ready.GetValueOrDefault("viewers")} viewers, {ready.GetValueOrDefault("feeds")} feeds");
    }

    /// <summary>Reads the date of an answer.</summary>
    public async Task<DateTimeOffset?> ReadDateAsync(CancellationToken cancellationToken)
    {
        using var answer = await GetAsync(Live, cancellationToken);
        return answer.Headers.Date;
    }

    private static CheckFailedException? FindProblem(Dictionary<string, JsonElement> ready)
    {
        if (Is("stopping", true))
        {
            return new("The relay shuts down.", "Wait until it is back, or name another with --relay.");
        }

        if (Is("full", true))
        {
            return new("The relay takes no new viewers: it is full.", "Raise Relay:MaxViewers, or add a relay.");
        }

        if (Is("gateway", false))
        {
            return new(
                "The relay cannot reach its gateway.", "Correct Relay:GatewayAddress and Relay:GatewayTls, and see the relay's log; the path has to allow HTTP/2.");
        }

        return Is("keys", false)
            ? new("The relay has no keys to verify viewers' tokens by.", "See whether its gateway lets it read them, by the relay's log.") : null;

        bool Is(string name, bool value) => ready.TryGetValue(name, out var told) && told.ValueKind == (value ? JsonValueKind.True : JsonValueKind.False);
    }

    private async Task<Dictionary<string, JsonElement>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await GetAsync(path, cancellationToken);
        await answer.Content.LoadIntoBufferAsync(MaxAnswerBytes, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(await answer.Content.ReadAsStringAsync(cancellationToken)) ?? throw NoRelay();
        }
        catch (JsonException)
        {
            throw NoRelay();
        }
    }

    private async Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(peer.Address, path)), cancellationToken);
        }
        catch (HttpRequestException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CheckFailedException($"No relay answers at {peer.Authority}.", Connecting.TlsFailures.Describe(failure) ?? peer.Remedy);
        }
    }

    private CheckFailedException NoRelay() => new($"What answers at {peer.Authority} is no relay.", peer.Remedy);
}
