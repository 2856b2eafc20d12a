using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MotionGateway.EdgeRelay.Tests.Published;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>What viewers may do is what docs/security.md says, for every route of a relay.</summary>
public sealed class AccessTableTests : IAsyncLifetime, IDisposable
{
    private const string NotThere = "-";

    private readonly HttpClient _http = new();
    private readonly DocumentedTable _table = DocumentedTable.Read("docs/security.md", "route");
    private RelayUnderTest _relay = null!;

    public async Task InitializeAsync()
    {
        _relay = await RelayUnderTest.StartAsync();
        var session = _relay.AddSession();
        _relay.AddSession("session-2");
        session.Start("t1");
        session.Audio("t1", 640);
    }

    public async Task DisposeAsync() => await _relay.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Fact]
    public void Rows_AreEveryRouteThatIsServed()
    {
        var served = _relay.Relay.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>().Select(endpoint => endpoint.RoutePattern.RawText!).Distinct();

        Assert.Equal(served.Order(StringComparer.Ordinal), _table.Rows.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Viewers_MayDoWhatIsDocumented()
    {
        var credentials = CreateCredentials();
        var differences = await _table.FindDifferencesAsync(async (route, column) =>
        {
            HashSet<string> answers = [];
            foreach (string credential in credentials[column])
            {
                answers.Add(await AnswerAsync(route, credential));
            }

            return string.Join(" or ", answers);
        });

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private Dictionary<string, string[]> CreateCredentials()
    {
        using var stranger = ViewerTokenSigner.CreateInMemory(TimeProvider.System);
        string token = _relay.Token(permissions: ViewerPermissions.Talk);
        var viewer = new ViewerIdentity("viewer-1", "session-1", ViewerPermissions.Talk, DateTimeOffset.UtcNow.AddMinutes(5));
        return new()
        {
            ["none"] = [""],
            ["wrong"] =
            [
                "nonsense", token[..^6] + "AAAAAA", stranger.Issue("session-1", "viewer-1", ViewerPermissions.Talk, TimeSpan.FromMinutes(1)).Token,
                "mgk_relay_0000",
            ],
            ["expired"] = [_relay.Token(lifetimeSeconds: -60)],
            ["other"] = [_relay.Token("session-2")],
            ["ticket"] = [_relay.State.Signer.IssueTicket(viewer, "tab-1").Token],
            ["viewer token"] = [token],
        };
    }

    private async Task<string> AnswerAsync(string route, string credential)
    {
        string path = route.Replace("{sessionId}", "session-1", StringComparison.Ordinal);
        if (path.Contains("{token}", StringComparison.Ordinal))
        {
            // A token in the address is of the session that it opens, and never missing.
            return credential.Length == 0 || ViewerTokens.ReadSessionId(credential) == "session-2"
                ? NotThere : await PublishedAsync(path.Replace("{token}", credential, StringComparison.Ordinal));
        }

        return path.EndsWith("/feed", StringComparison.Ordinal) ? await FeedAsync(credential)
            : path.EndsWith("/events", StringComparison.Ordinal) ? await SendAsync(HttpMethod.Get, path, credential)
            : path.StartsWith("/v1/", StringComparison.Ordinal) ? await SendAsync(HttpMethod.Post, path, credential)
            : await SendAsync(HttpMethod.Get, path, credential);
    }

    private async Task<string> FeedAsync(string credential)
    {
        using var viewer = await _relay.ConnectAsync();
        await viewer.StartAsync(start => start.ViewerToken = credential);
        var first = await viewer.ReceiveAsync();
        return first?.Started is not null ? "yes" : Name(first?.Failure?.Reason);
    }

    private async Task<string> PublishedAsync(string path)
    {
        if (!path.Contains("/ws/", StringComparison.Ordinal) && !path.Contains("/host", StringComparison.Ordinal))
        {
            return await SendAsync(HttpMethod.Get, path, "");
        }

        using var client = await PublishedClient.ConnectAsync(_relay, path);
        try
        {
            await client.SendAsync(new { action = "start", avatar_id = "any", sample_rate = 16000 });
        }
        catch (WebSocketException)
        {
            // It has been closed by then: what was said can still be received.
        }

        while (await client.ReceiveRawAsync() is { } message)
        {
            if (!Encoding.UTF8.GetString(message.Bytes).Contains("\"error\"", StringComparison.Ordinal))
            {
                return "yes";
            }
        }

        return Name(ErrorTable.Rows.SingleOrDefault(row => row.CloseCode == client.CloseCode)?.Reason);
    }

    private async Task<string> SendAsync(HttpMethod method, string path, string credential)
    {
        using var request = new HttpRequestMessage(method, _relay.Address + path);
        request.Headers.Authorization = credential.Length > 0 ? new AuthenticationHeaderValue("Bearer", credential) : null;
        request.Content = method == HttpMethod.Post ? new StringContent("""{"text":"hello"}""", Encoding.UTF8, "application/json") : null;
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).DefaultTimeout();
        if (answer.IsSuccessStatusCode)
        {
            return "yes";
        }

        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return Name(ErrorTable.TryGetReason(json.RootElement.GetProperty("reason").GetString()!, out var reason) ? reason : null);
    }

    private static string Name(ErrorReason? reason) => reason switch
    {
        ErrorReason.ViewerTokenInvalid => "no token",
        ErrorReason.ViewerTokenExpired => "expired",
        _ => $"{reason}",
    };
}
