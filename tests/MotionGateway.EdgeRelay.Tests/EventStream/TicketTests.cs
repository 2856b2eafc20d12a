using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.EventStream;

/// <summary>What a page does that can send no header: a ticket in the address, and events one by one.</summary>
public sealed class TicketTests : IDisposable
{
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Ticket_OpensTheFeedOfItsReader_WhichTakesTheOldOnesPlace()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession().Say("hello");
        string ticket = await CreateTicketAsync(test, test.Token());
        using var first = await ConnectAsync(test.Address, ticket);
        var started = (await first.ReceiveAsync())!.Response.Started;
        using var second = await ConnectAsync(test.Address, ticket);

        var rest = await first.ReceiveToEndAsync();

        Assert.NotEmpty(started.ReaderId);
        Assert.Equal(started.ReaderId, (await second.ReceiveAsync())!.Response.Started.ReaderId);
        Assert.Equal(ErrorReason.Superseded, rest[0].Response.Failure.Reason);
        Assert.Equal("end", rest[^1].Type);
    }

    [Fact]
    public async Task Ticket_IsGoodAtAnyRelay()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession().Say("hello");
        string ticket = await CreateTicketAsync(test, test.Token());
        await using var other = await test.StartAnotherRelayAsync();
        using var events = await ConnectAsync(other.Urls.First(), ticket);

        Assert.NotNull((await events.ReceiveAsync())!.Response.Started);
        await other.StopAsync().DefaultTimeout();
    }

    [Fact]
    public async Task Ticket_WhenTheGatewayIsAway_GoesOnOpeningTheFeed()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession().Say("hello");
        string ticket = await CreateTicketAsync(test, test.Token());
        using (var first = await ConnectAsync(test.Address, ticket))
        {
            await first.ReceiveUntilAsync(received => received.LastId == "1-1");
        }

        await test.StopGatewayAsync();
        using var back = await ConnectAsync(test.Address, ticket, "1-1");

        Assert.NotNull((await back.ReceiveAsync())!.Response.Started);
    }

    [Fact]
    public async Task Ticket_ForAnotherReader_OpensNothing()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        string ticket = await CreateTicketAsync(test, test.Token(), readerId: "tab-1");
        using var events = await EventStreamClient.ConnectAsync(
            $"{test.Address}/v1/sessions/session-1/events?ticket={ticket}&reader_id=tab-2");
        using var viewer = await test.ConnectAsync();
        await viewer.StartAsync(start => (start.ViewerToken, start.ReaderId) = (ticket, "tab-2"));

        Assert.Equal(ErrorReason.ViewerTokenInvalid, (await events.ReceiveAsync())!.Response.Failure.Reason);
        Assert.Equal(ErrorReason.ViewerTokenInvalid, (await viewer.ReceiveToEndAsync())?.Reason);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostTicketAsync(test, ticket, "tab-2")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostTicketAsync(test, ticket, "tab-1")).StatusCode);
    }

    [Fact]
    public async Task Ticket_EndsWithItsToken()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        using var answer = await PostTicketAsync(test, test.Token(lifetimeSeconds: 60));
        var expiresAt = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("expiresAt").GetDateTimeOffset();

        Assert.InRange(expiresAt, DateTimeOffset.UtcNow.AddSeconds(-5), DateTimeOffset.UtcNow.AddSeconds(60));
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostTicketAsync(test, test.Token(lifetimeSeconds: -60))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostTicketAsync(test, "")).StatusCode);
    }

    [Fact]
    public async Task Ticket_AndTokenInAddresses_StandInNoLog()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession().Say("hello");
        string token = test.Token();
        string ticket = await CreateTicketAsync(test, token);
        using (var events = await ConnectAsync(test.Address, ticket))
        {
            await events.ReceiveAsync();
        }

        await _http.GetAsync(new Uri($"{test.Address}/d/{token}/api/config"));
        await _http.GetAsync(new Uri($"{test.Address}/d/{token}/no/such/path"));
        await _http.GetAsync(new Uri($"{test.Address}/d/{token}/ws/agent"));

        Assert.DoesNotContain(test.Log, Holds(ticket));
        Assert.DoesNotContain(test.Log, Holds(token));

        static Predicate<LogEntry> Holds(string secret) => entry => entry.Message.Contains(secret[^20..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ViewerEvents_PostedWithATicket_ReachTheGatewayWithTheViewersName()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        string ticket = await CreateTicketAsync(
            test, test.Token(viewerId: "ann", permissions: ViewerPermissions.Talk | ViewerPermissions.Interrupt));

        // No feed is open at this relay: another has it.
        string[] bodies =
        [
            """{"text": "hello"}""",
            """{"interrupt": {"reason": "stop"}}""",
            """{"microphoneAudio": {"sampleRate": 16000, "data": "AAAA/w=="}}""",
        ];
        foreach (string body in bodies)
        {
            Assert.Equal(HttpStatusCode.Accepted, (await PostEventAsync(test, ticket, body)).StatusCode);
        }

        await RelayUnderTest.UntilAsync(() => session.Events.Count == 3, "all events had come");
        Assert.All(session.Events, viewerEvent => Assert.Equal("ann", viewerEvent.ViewerId));
        Assert.Contains(session.Events, viewerEvent => viewerEvent.Text == "hello");
    }

    [Theory]
    [InlineData("""{"text": "hello"}""", HttpStatusCode.Forbidden, "NOT_PERMITTED", "viewer_event.text")]
    [InlineData("""{"interrupt": {"turnId": "0123456789012345678901234567890123456789012345678901234567890123456789"}}""", HttpStatusCode.BadRequest, "INVALID_REQUEST", "viewer_event.interrupt.turn_id")]
    [InlineData("{}", HttpStatusCode.BadRequest, "INVALID_REQUEST", "viewer_event")]
    [InlineData("{\"text\":", HttpStatusCode.BadRequest, "MALFORMED_REQUEST", "")]
    [InlineData("[]", HttpStatusCode.BadRequest, "MALFORMED_REQUEST", "")]
    [InlineData(null, HttpStatusCode.RequestEntityTooLarge, "CHUNK_TOO_LARGE", "")]
    public async Task ViewerEvent_NotTaken_IsAnsweredWithReasonAndField(string? body, HttpStatusCode status, string reason, string field)
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        string token = test.Token(permissions: ViewerPermissions.Interrupt);

        using var answer = await PostEventAsync(test, token, body ?? new string(' ', 300 * 1024));
        var told = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal((reason, field), (told.GetProperty("reason").GetString(), told.GetProperty("field").GetString()));
        Assert.NotEmpty(told.GetProperty("message").GetString()!);
        Assert.Empty(session.Events);
    }

    [Fact]
    public async Task ViewerEvents_MoreThanTheRate_AreRefusedWithATimeToComeAgain()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.ViewerEventsPerSecond = 1, new());
        test.AddSession();
        string token = test.Token(permissions: ViewerPermissions.Talk);
        List<HttpStatusCode> answers = [];
        for (int i = 0; i < 3; i++)
        {
            using var answer = await PostEventAsync(test, token, """{"text": "x"}""");
            answers.Add(answer.StatusCode);
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
        }

        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Accepted, HttpStatusCode.TooManyRequests], answers);
    }

    [Fact]
    public async Task ViewerEvent_WithoutATokenOrASession_IsRefused()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        string orphan = test.Token("session-9");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{test.Address}/v1/sessions/session-9/viewer-events?ticket={orphan}")
        {
            Content = new StringContent("""{"text": "x"}"""),
        };

        Assert.Equal(HttpStatusCode.Unauthorized, (await PostEventAsync(test, "nonsense", "{}")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("tickets")]
    [InlineData("viewer-events")]
    public async Task Preflight_OfAnAllowedOrigin_AllowsTheTokenInItsHeader(string path)
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.AllowedOrigins.Add("https://app.example"));
        var address = new Uri($"{test.Address}/v1/sessions/session-1/{path}");
        using var allowed = await _http.SendAsync(Preflight(address, "https://app.example"));
        using var refused = await _http.SendAsync(Preflight(address, "https://elsewhere.example"));

        Assert.Equal("https://app.example", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("authorization", string.Join(",", allowed.Headers.GetValues("Access-Control-Allow-Headers")), StringComparison.OrdinalIgnoreCase);
        Assert.False(refused.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static HttpRequestMessage Preflight(Uri address, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, address);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        return request;
    }

    private static Task<EventStreamClient> ConnectAsync(string relay, string ticket, string? lastId = null) =>
        EventStreamClient.ConnectAsync($"{relay}/v1/sessions/session-1/events?ticket={ticket}", lastId: lastId);

    private async Task<string> CreateTicketAsync(RelayUnderTest test, string token, string readerId = "")
    {
        using var answer = await PostTicketAsync(test, token, readerId);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("ticket").GetString()!;
    }

    private Task<HttpResponseMessage> PostTicketAsync(RelayUnderTest test, string token, string readerId = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{test.Address}/v1/sessions/session-1/tickets?reader_id={readerId}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return _http.SendAsync(request).DefaultTimeout();
    }

    private Task<HttpResponseMessage> PostEventAsync(RelayUnderTest test, string ticket, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{test.Address}/v1/sessions/session-1/viewer-events?ticket={ticket}")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        return _http.SendAsync(request).DefaultTimeout();
    }
}
