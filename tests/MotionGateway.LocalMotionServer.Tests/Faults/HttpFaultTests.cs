using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.LocalMotion.Tests.Faults;

/// <summary>What each fault of the token and of the upgrade answers, as it comes over HTTP.</summary>
public sealed class HttpFaultTests : IAsyncLifetime
{
    private const int LongBody = 1280 * 1024;

    private LocalMotionServer _server = null!;

    /// <summary>The fault, the status, and what the body begins with, up to an ellipsis.</summary>
    public static TheoryData<string, int, string> Tokens => new()
    {
        { "token-status-401", 401, """{"errors":[{"id":"fault","status":401,"code":"refused",…""" },
        { "token-status-429", 429, """{"errors":[{"id":"fault","status":429,…""" },
        { "token-text-503", 503, "No." },
        { "token-egress-400", 400, """{"errors":[{"id":"fault","status":400,"code":"INVALID_ARGUMENT","title":"Refused","detail":"livekit egress…""" },
        { "token-egress-401", 401, """{"errors":[{"id":"fault","status":401,"code":"UNAUTHENTICATED","title":"Refused","detail":"Unauthorized"}]}""" },
        { "token-egress-503", 503, """{"errors":[{"id":"fault","status":503,"code":"UNAVAILABLE","title":"Refused","detail":"failed to create egress connection"}]}""" },
        { "token-errors-in-200", 200, """{"errors":[{"id":"fault","status":409,…""" },
        { "token-redirect", 307, "Moved." },
        { "token-body-garbage", 200, "<html>…" },
        { "token-body-empty-object", 200, "{}" },
        { "token-body-nothing", 200, "" },
        { "token-body-number", 200, """{"sessionToken":42}""" },
        { "token-body-line-break", 200, """{"sessionToken":"a\r\n…""" },
        { "token-body-cut-short", 200, """{"sessionTok""" },
        { "token-bad-unknown", 200, """{"sessionToken":"nobody-knows-this-token","session_token":"nobody-knows-this-token"}""" },
    };

    /// <summary>The same for upgrades.</summary>
    public static TheoryData<string, int, string> Upgrades => new()
    {
        { "upgrade-status-402", 402, """{"errors":[{"id":"fault","status":402,…""" },
        { "upgrade-message-invalid-token", 400, "{\"message\":\"Invalid session token\"}\n" },
        { "upgrade-message-expired-token", 401, "{\"message\":\"Session token expired\"}\n" },
        { "upgrade-message-app", 404, "{\"message\":\"App ID unrecognized\"}\n" },
        { "upgrade-message-avatar", 404, "{\"message\":\"Avatar not found: avatar\"}\n" },
        { "upgrade-text-404", 404, "No." },
        { "upgrade-reason-4001", 403, """{"errors":[{"id":"fault","status":403,"code":"4001",…""" },
        { "upgrade-reason-session-denied", 403, """{"errors":[{"id":"fault","status":403,"code":"13","title":"Refused","detail":"session denied: payment is due"}]}""" },
        { "upgrade-answer-200", 200, "Hello." },
        { "upgrade-answer-307", 307, "Moved." },
    };

    /// <summary>Those whose body is cut, or more than a client should keep.</summary>
    public static TheoryData<string> CutOrLong => [.. CutOrLongNames];

    private static IEnumerable<string> CutOrLongNames => FaultCatalog.All
        .Where(fault => fault.Behaviour.Name is "token-long" or "token-cut" or "upgrade-long" or "upgrade-cut" || fault.Name == "fault-token-body-too-long")
        .Select(fault => fault.Name["fault-".Length..]);

    public async Task InitializeAsync() => _server = await LocalMotionServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Tokens))]
    [MemberData(nameof(Upgrades))]
    public async Task Answer_OfTheFault_IsThis(string fault, int status, string body)
    {
        using HttpResponseMessage response = await AskAsync(fault);
        string came = await response.Content.ReadAsStringAsync();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, body.EndsWith('…') && came.Length >= body.Length ? $"{came[..(body.Length - 1)]}…" : came);
        Assert.Equal(status == 429 ? TimeSpan.FromSeconds(7) : null, response.Headers.RetryAfter?.Delta);
        Assert.Equal(status == 307, response.Headers.Location is not null);
    }

    [Theory]
    [MemberData(nameof(CutOrLong))]
    public async Task Answer_ThatIsCutOrTooLong_IsSo(string fault)
    {
        Task<byte[]> Body() => AskAsync(fault).ContinueWith(asked => asked.Result.Content.ReadAsByteArrayAsync(), TaskScheduler.Default).Unwrap();
        if (fault.Contains("cut", StringComparison.Ordinal))
        {
            await Assert.ThrowsAnyAsync<Exception>(Body);
        }
        else
        {
            Assert.Equal(LongBody, (await Body()).Length);
        }
    }

    [Theory]
    [InlineData("upgrade-101-wrong-accept", "Sec-WebSocket-Accept: ")]
    [InlineData("upgrade-101-no-accept", "Upgrade: websocket")]
    [InlineData("upgrade-101-extension", "Sec-WebSocket-Extensions: permessage-deflate")]
    [InlineData("upgrade-101-subprotocol", "Sec-WebSocket-Protocol: surprise")]
    public async Task Upgrade_ThatIsAnsweredBy101_HasTheHeader(string fault, string header)
    {
        string head = await RawUpgrade.HeadAsync(_server, $"fault-{fault}", await RawClient.TokenAsync(_server));

        // What RFC 6455 gives for the key that is sent.
        Assert.Equal(
            fault is not "upgrade-101-wrong-accept" and not "upgrade-101-no-accept",
            head.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", StringComparison.Ordinal));
        Assert.Contains(header, head, StringComparison.Ordinal);
        Assert.Equal(fault == "upgrade-101-no-accept", !head.Contains("Sec-WebSocket-Accept", StringComparison.Ordinal));
    }

    [Fact]
    public void Behaviours_OfTheTokenAndTheUpgrade_AreAllCovered()
    {
        // Those that are late, hang or fail later stand in tests of their own.
        string[] elsewhere = ["token-slow", "token-hang", "upgrade-slow", "upgrade-hang", "upgrade-101"];
        IEnumerable<string> covered = Tokens.Concat(Upgrades).Select(row => (string)row[0]).Concat(CutOrLongNames)
            .Select(name => FaultCatalog.Find($"fault-{name}")!.Behaviour.Name);
        IEnumerable<string> all = FaultCatalog.Behaviours.Where(behaviour => behaviour.Points[0] < FaultPoint.Handshake).Select(behaviour => behaviour.Name);

        Assert.Equal(all.Order(), covered.Concat(elsewhere).Distinct().Order());
    }

    private async Task<HttpResponseMessage> AskAsync(string fault)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { Timeout = TaskTimeoutExtensions.Limit };
        if (fault.StartsWith("token", StringComparison.Ordinal))
        {
            return await RawClient.PostTokenAsync(_server, $"fault-{fault}", http: http);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.BaseAddress, $"/v2/driveningress/websocket?id=fault-{fault}"));
        request.Headers.Add("X-App-ID", LocalMotionServerOptions.DefaultAppId);
        request.Headers.Add("X-Session-Key", await RawClient.TokenAsync(_server));
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        return await http.SendAsync(request);
    }
}
