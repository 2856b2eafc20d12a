using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>A viewer token for a room token.</summary>
public sealed class JoinTests : IDisposable
{
    private readonly HttpClient _client = new();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Join_WithAViewerToken_GivesWhatTheGatewayMade()
    {
        await using var test = await StartAsync();
        string token = test.Token(permissions: ViewerPermissions.Talk);

        using var answer = await JoinAsync(test, token, body: """{"mayTalk": true, "viewerId": "somebody else"}""");
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal((HttpStatusCode.OK, "application/json", true), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, answer.Headers.CacheControl?.NoStore));
        Assert.Equal(
            """{"url":"wss://rooms.example","token":"room-token","roomName":"room","publisher":"avatar"}""",
            json.RootElement.GetProperty("livekit").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(("viewer-1", "2030-01-02T03:04:05Z"), (json.RootElement.GetProperty("viewerId").GetString(), json.RootElement.GetProperty("expireTime").GetString()));

        // Who joins, and what it may, is what the token says: nothing else of the request is passed on.
        Assert.Equal(new CreateJoinTokenRequest { SessionId = "session-1", ViewerToken = token }, Assert.Single(test.State.JoinRequests));
    }

    [Fact]
    public async Task Join_WithWhatIsNoTokenOfTheSession_IsRefusedAlikeAndAsksNobody()
    {
        await using var test = await StartAsync();
        string token = test.Token();
        using var stranger = ViewerTokenSigner.CreateInMemory(TimeProvider.System);
        string?[] wrong =
        [
            null, "", "x", token[..^2], $"{token[..^4]}AAAA", test.Token(sessionId: "session-2"),
            stranger.Issue("session-1", "viewer-1", ViewerPermissions.Talk, TimeSpan.FromMinutes(1)).Token,
        ];

        List<string> answers = [];
        foreach (string? each in wrong)
        {
            using var answer = await JoinAsync(test, each);
            answers.Add($"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }

        Assert.StartsWith("""Unauthorized {"reason":"VIEWER_TOKEN_INVALID",""", answers[0], StringComparison.Ordinal);
        Assert.Single(answers.Distinct());
        Assert.Empty(test.State.JoinRequests);
        Assert.DoesNotContain(test.Log, entry => entry.ToString().Contains(token[..20], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ErrorReason.NoEgress, HttpStatusCode.Conflict, "NO_EGRESS", false)]
    [InlineData(ErrorReason.SessionNotFound, HttpStatusCode.Unauthorized, "VIEWER_TOKEN_INVALID", false)]
    [InlineData(ErrorReason.ViewerTokenInvalid, HttpStatusCode.Unauthorized, "VIEWER_TOKEN_INVALID", false)]
    [InlineData(ErrorReason.SessionClosed, HttpStatusCode.Gone, "SESSION_CLOSED", false)]
    [InlineData(ErrorReason.ShuttingDown, HttpStatusCode.ServiceUnavailable, "SHUTTING_DOWN", true)]
    [InlineData(ErrorReason.Internal, HttpStatusCode.ServiceUnavailable, "GATEWAY_UNAVAILABLE", true)]
    public async Task Join_TheGatewayRefuses_IsToldWithReasonAndRetry(ErrorReason refusal, HttpStatusCode status, string reason, bool isRetryable)
    {
        await using var test = await StartAsync();
        test.State.JoinRefusal = refusal;

        using var answer = await JoinAsync(test, test.Token());
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal((reason, isRetryable), (json.RootElement.GetProperty("reason").GetString(), json.RootElement.GetProperty("retryable").GetBoolean()));
        Assert.Equal(isRetryable, answer.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task Join_TheGatewayIsAway_SaysWhenToTryAgain()
    {
        await using var test = await StartAsync();
        string token = test.Token();
        await test.StopGatewayAsync();

        using var answer = await JoinAsync(test, token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Join_FromAPageOfAnotherSite_IsAllowedByItsOrigin()
    {
        await using var test = await StartAsync(options => options.AllowedOrigins.Add("https://app.example"));
        using var preflight = Preflight(test, "https://app.example");
        using var foreign = Preflight(test, "https://other.example");

        using var allowed = await _client.SendAsync(preflight);
        using var refused = await _client.SendAsync(foreign);
        using var joined = await JoinAsync(test, test.Token(), origin: "https://app.example");

        Assert.Equal((HttpStatusCode.NoContent, "https://app.example"), (allowed.StatusCode, Header(allowed, "Access-Control-Allow-Origin")));
        Assert.Contains("POST", Header(allowed, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("Authorization", Header(allowed, "Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("", Header(refused, "Access-Control-Allow-Origin"));
        Assert.Equal((HttpStatusCode.OK, "https://app.example"), (joined.StatusCode, Header(joined, "Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Join_OfOneAddress_CountsAsAConnection()
    {
        await using var test = await StartAsync(options => options.ConnectionsPerSecondPerAddress = 1);

        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 20; i++)
        {
            using var answer = await JoinAsync(test, "x", address: "192.0.2.1");
            statuses.Add(answer.StatusCode);
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    private static async Task<RelayUnderTest> StartAsync(Action<EdgeRelayOptions>? configure = null)
    {
        var test = await RelayUnderTest.StartAsync(configure);
        test.State.Join = new CreateJoinTokenResponse
        {
            Livekit = new LiveKitJoin { Url = "wss://rooms.example", Token = "room-token", RoomName = "room", Publisher = "avatar" },
            ViewerId = "viewer-1",
            ExpireTime = Timestamp.FromDateTime(new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc)),
        };
        return test;
    }

    private static string Address(RelayUnderTest test) => $"{test.Address}/v1/sessions/session-1/join";

    private static HttpRequestMessage Preflight(RelayUnderTest test, string origin) => new(HttpMethod.Options, Address(test))
    {
        Headers =
        {
            { "Origin", origin },
            { "Access-Control-Request-Method", "POST" },
            { "Access-Control-Request-Headers", "authorization" },
        },
    };

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";

    private async Task<HttpResponseMessage> JoinAsync(
        RelayUnderTest test, string? token, string body = "", string origin = "", string address = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(test)) { Content = new StringContent(body) };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        if (origin.Length > 0)
        {
            request.Headers.Add("Origin", origin);
        }

        if (address.Length > 0)
        {
            request.Headers.Add("X-Forwarded-For", address);
        }

        return await _client.SendAsync(request).DefaultTimeout();
    }
}
