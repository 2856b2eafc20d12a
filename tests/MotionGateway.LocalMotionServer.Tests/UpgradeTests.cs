using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace MotionGateway.LocalMotion.Tests;

public sealed class UpgradeTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() => _server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = _clock });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upgrade_WithCredentialsInEitherPlace_Connects(bool byQuery)
    {
        using RawClient client = await RawClient.ConnectAsync(_server, "avatar", await TokenAsync(), byQuery: byQuery);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, client.UpgradeStatus);
    }

    [Fact]
    public async Task Upgrade_WithAnUnknownToken_Answers400AsTheServiceDoes()
    {
        (int status, string body) = await RequestAsync("avatar", "local-app", "nonsense");
        Assert.Equal((400, "{\"message\":\"Invalid session token\"}\n"), (status, body));
    }

    [Fact]
    public async Task Upgrade_WithoutAToken_Answers400()
    {
        (int status, string body) = await RequestAsync("avatar", "local-app", "");
        Assert.Equal((400, "{\"message\":\"Invalid session token\"}\n"), (status, body));
    }

    [Fact]
    public async Task Upgrade_WithAnExpiredToken_Answers401()
    {
        string token = await TokenAsync();
        _clock.Advance(TimeSpan.FromMinutes(5));
        (int status, string body) = await RequestAsync("avatar", "local-app", token);
        Assert.Equal((401, "{\"message\":\"Session token expired\"}\n"), (status, body));
    }

    [Fact]
    public async Task Upgrade_WithAnotherApp_Answers404NamingTheApp()
    {
        (int status, string body) = await RequestAsync("avatar", "other-app", await TokenAsync());
        Assert.Equal((404, "{\"message\":\"App ID unrecognized\"}\n"), (status, body));
    }

    [Theory]
    [InlineData("")]
    [InlineData("missing-one")]
    [InlineData("fault-nonsense")]
    [InlineData("fault-token-status-401")]
    public async Task Upgrade_ForAnUnknownAvatar_Answers404NamingTheAvatar(string avatarId)
    {
        (int status, string body) = await RequestAsync(avatarId, "local-app", await TokenAsync());
        Assert.Equal((404, $"{{\"message\":\"Avatar not found: {avatarId}\"}}\n"), (status, body));
        Assert.Equal(1, _server.Counters.UpgradesRefused);
    }

    [Fact]
    public async Task Upgrade_OfferingCompression_IsAcceptedWithoutIt()
    {
        string head = await RequestHeadAsync("avatar", "local-app", await TokenAsync(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Sec-WebSocket-Extensions", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Get_ThatIsNoUpgrade_Answers426()
    {
        using var http = new HttpClient();
        using HttpResponseMessage response = await http.GetAsync(new Uri(_server.BaseAddress, "/v2/driveningress/websocket?id=avatar"));
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
    }

    private Task<string> TokenAsync() => RawClient.TokenAsync(_server, now: _clock.GetUtcNow());

    private async Task<(int Status, string Body)> RequestAsync(string avatarId, string appId, string token)
    {
        string answer = await RequestHeadAsync(avatarId, appId, token, "Connection: close\r\n");
        string[] parts = answer.Split("\r\n\r\n", 2);
        // Chunked: the body is between its length and the last, empty chunk.
        string body = parts[0].Contains("chunked", StringComparison.OrdinalIgnoreCase) ? parts[1].Split("\r\n")[1] : parts[1];
        return (int.Parse(answer[9..12], System.Globalization.CultureInfo.InvariantCulture), body);
    }

    /// <summary>Upgrades by hand, because the WebSocket client hides bodies of refusals and extension offers.</summary>
    private async Task<string> RequestHeadAsync(string avatarId, string appId, string token, string extraHeaders)
    {
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(_server.BaseAddress.Host, _server.BaseAddress.Port, limit.Token);
        NetworkStream stream = tcp.GetStream();
        string request = $"GET /v2/driveningress/websocket?id={avatarId} HTTP/1.1\r\nHost: {_server.BaseAddress.Authority}\r\n"
            + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + $"X-App-ID: {appId}\r\nX-Session-Key: {token}\r\n{extraHeaders}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), limit.Token);

        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (!answer.ToString().StartsWith("HTTP/1.1 101", StringComparison.Ordinal) || !answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int read = await stream.ReadAsync(buffer, limit.Token);
            if (read == 0)
            {
                break;
            }

            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return answer.ToString();
    }
}
