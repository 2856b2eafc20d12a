using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion.Tests;

public sealed class SessionTokenTests : IAsyncLifetime
{
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() => _server = await LocalMotionServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("/v1/console/session-tokens", "sessionToken")]
    [InlineData("/v1/auth/session-token", "session_token")]
    public async Task Post_InEitherDialect_AnswersATokenThatConnects(string path, string member)
    {
        using HttpResponseMessage response = await RawClient.PostTokenAsync(_server, path: path);
        JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>();
        JsonProperty only = Assert.Single(body.EnumerateObject());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(member, only.Name);
        using RawClient client = await RawClient.ConnectAsync(_server, "avatar", only.Value.GetString()!);
    }

    [Fact]
    public async Task Post_Twice_AnswersDifferentTokens() =>
        Assert.NotEqual(await RawClient.TokenAsync(_server), await RawClient.TokenAsync(_server));

    [Theory]
    [InlineData("wrong")]
    [InlineData("")]
    [InlineData("fault-token-nonsense")]
    public async Task Post_WithAnUnknownKey_Answers401WithErrors(string key)
    {
        using HttpResponseMessage response = await RawClient.PostTokenAsync(_server, key);
        await AssertErrorAsync(response, HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData((24 * 3600) + 2)]
    public async Task Post_WithExpiryOutOfRange_Answers400WithErrors(int seconds)
    {
        using HttpResponseMessage response = await RawClient.PostTokenAsync(_server, life: TimeSpan.FromSeconds(seconds));
        await AssertErrorAsync(response, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"expireAt\":\"soon\"}")]
    [InlineData("{\"expireAt\":9223372036854775807}")]
    public async Task Post_WithABadBody_Answers400WithErrors(string body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, _server.ConsoleUrl + "/session-tokens") { Content = new StringContent(body) };
        request.Headers.Add("X-Api-Key", "local-key");
        using HttpResponseMessage response = await http.SendAsync(request);

        await AssertErrorAsync(response, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Post_WithExpireAtInTheOtherSpelling_AnswersAToken()
    {
        long expiry = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, _server.ConsoleUrl + "/session-tokens") { Content = new StringContent($"{{\"expire_at\":{expiry}}}") };
        request.Headers.Add("X-Api-Key", "local-key");
        using HttpResponseMessage response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public void Store_KeepsAtMostItsCapacity_AndForgetsWhatExpiresFirst()
    {
        var clock = new FakeTimeProvider();
        var store = new SessionTokenStore(2, clock);
        string late = store.Issue(clock.GetUtcNow().AddMinutes(9));
        string early = store.Issue(clock.GetUtcNow().AddMinutes(1));
        string middle = store.Issue(clock.GetUtcNow().AddMinutes(5));

        Assert.Equal(2, store.Count);
        Assert.Equal((TokenState.Valid, TokenState.Unknown, TokenState.Valid), (store.Check(late), store.Check(early), store.Check(middle)));
    }

    [Fact]
    public void Store_OfAnExpiredToken_RemembersItForAnHourAndDropsItThen()
    {
        var clock = new FakeTimeProvider();
        var store = new SessionTokenStore(10, clock);
        string token = store.Issue(clock.GetUtcNow().AddMinutes(1));

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TokenState.Expired, store.Check(token));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TokenState.Unknown, store.Check(token));
        Assert.Equal(0, store.Count);
    }

    internal static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>();
        JsonElement error = Assert.Single(body.GetProperty("errors").EnumerateArray());

        Assert.Equal(status, response.StatusCode);
        Assert.Equal((int)status, error.GetProperty("status").GetInt32());
        Assert.All(["id", "code", "title", "detail"], name => Assert.NotEqual("", error.GetProperty(name).GetString()));
    }
}
