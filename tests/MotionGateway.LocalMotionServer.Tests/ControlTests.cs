using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.LocalMotion.Tests;

public sealed class ControlTests : IAsyncLifetime, IDisposable
{
    private LocalMotionServer _server = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _server = await LocalMotionServer.StartAsync();
        _http = new HttpClient { BaseAddress = _server.BaseAddress };
        _http.DefaultRequestHeaders.Add("X-Api-Key", LocalMotionServerOptions.DefaultApiKey);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("GET", "/control/faults")]
    [InlineData("POST", "/control/faults")]
    [InlineData("DELETE", "/control/faults")]
    [InlineData("DELETE", "/control/faults/1")]
    [InlineData("GET", "/control/connections")]
    [InlineData("GET", "/control/counters")]
    public async Task Control_WithoutTheKey_IsRefusedWithTheRemedy(string method, string path)
    {
        using var anyone = new HttpClient { BaseAddress = _server.BaseAddress };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("X-Api-Key", "fault-token-status-401");
        using HttpResponseMessage response = await anyone.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("X-Api-Key", await DetailAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arm_ForAnAvatar_StrikesItThatOftenAndNobodyElse()
    {
        JsonElement armed = await ArmAsync("""{"fault": "fault-upgrade-status-503", "avatarId": "ann", "count": 2}""");
        Assert.Equal(("fault-upgrade-status-503", "ann", 2), (armed.GetProperty("fault").GetString(), armed.GetProperty("avatarId").GetString(), armed.GetProperty("remaining").GetInt32()));

        using (await RawClient.OpenAsync(_server, "bob"))
        {
            await AssertRefusedAsync("ann");
            Assert.Equal(1, (await ArmedAsync())[0].GetProperty("remaining").GetInt32());
            await AssertRefusedAsync("ann");
            Assert.Empty(await ArmedAsync());
            using RawClient ann = await RawClient.OpenAsync(_server, "ann");
        }
    }

    [Fact]
    public async Task Arm_ATokenFault_StrikesTheRealKey()
    {
        await ArmAsync("""{"fault": "fault-token-status-500", "count": 1}""");

        using HttpResponseMessage failed = await RawClient.PostTokenAsync(_server);
        using HttpResponseMessage worked = await RawClient.PostTokenAsync(_server);
        Assert.Equal((HttpStatusCode.InternalServerError, HttpStatusCode.OK), (failed.StatusCode, worked.StatusCode));
    }

    [Fact]
    public async Task Arm_ForAll_StrikesUntilItIsDisarmed()
    {
        string id = (await ArmAsync("""{"fault": "fault-upgrade-status-500"}""")).GetProperty("id").GetString()!;
        await ArmAsync("""{"fault": "fault-upgrade-status-503"}""");
        await AssertRefusedAsync("one", 500);
        await AssertRefusedAsync("two", 500);

        using HttpResponseMessage disarmed = await _http.DeleteAsync(new Uri($"/control/faults/{id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, disarmed.StatusCode);
        await AssertRefusedAsync("three", 503);
        using HttpResponseMessage again = await _http.DeleteAsync(new Uri($"/control/faults/{id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        using HttpResponseMessage all = await _http.DeleteAsync(new Uri("/control/faults", UriKind.Relative));
        Assert.Equal("{\"disarmed\":1}", await all.Content.ReadAsStringAsync());
        using RawClient four = await RawClient.OpenAsync(_server, "four");
    }

    [Fact]
    public async Task Arm_AnAvatarThatNamesAFault_ItsNameStrikes()
    {
        _server.Faults.Arm("fault-upgrade-status-503");

        await AssertRefusedAsync("fault-upgrade-status-402", 402);
    }

    [Theory]
    [InlineData("", "fault")]
    [InlineData("[]", "$")]
    [InlineData("{}", "fault is missing")]
    [InlineData("""{"fault": "fault-nameless"}""", "names none of the faults")]
    [InlineData("""{"fault": "fault-server-error-17@motion"}""", "one of 4503, 4010")]
    [InlineData("""{"fault": "fault-server-error-4010"}""", "write fault-server-error-4010@motion")]
    [InlineData("""{"fault": 7}""", "$.fault")]
    [InlineData("""{"fault": "fault-upgrade-status-500", "avatarId": ""}""", "avatarId is empty")]
    [InlineData("""{"fault": "fault-token-status-500", "avatarId": "ann"}""", "avatarId cannot")]
    [InlineData("""{"fault": "fault-upgrade-status-500", "count": 0}""", "count is not positive")]
    [InlineData("""{"fault": "fault-upgrade-status-500", "count": "often"}""", "$.count")]
    [InlineData("""{"fault": "fault-upgrade-status-500", "avatar": "ann"}""", "avatar")]
    public async Task Arm_WrongBody_NamesTheFieldAndTheRemedy(string body, string problem)
    {
        using HttpResponseMessage response = await _http.PostAsync(new Uri("/control/faults", UriKind.Relative), new StringContent(body));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(problem, await DetailAsync(response), StringComparison.Ordinal);
        Assert.Empty(_server.Faults.Armed);
    }

    [Fact]
    public async Task Arm_WithTooLongABody_IsRefusedWithTheRemedy()
    {
        using HttpResponseMessage response = await _http.PostAsync(
            new Uri("/control/faults", UriKind.Relative), new StringContent($"{{\"fault\": \"{new string('x', 70_000)}\"}}"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("65536 bytes", await DetailAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arm_TooMany_IsRefused()
    {
        for (int i = 0; i < FaultBoard.MaxArmed; i++)
        {
            _server.Faults.Arm("fault-no-motion");
        }

        using HttpResponseMessage response = await _http.PostAsJsonAsync("/control/faults", new { fault = "fault-no-motion" });
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal(FaultBoard.MaxArmed, _server.Faults.DisarmAll());
    }

    [Fact]
    public async Task Faults_Catalogue_HoldsEachWithItsOutcome()
    {
        JsonElement catalogue = (await GetAsync("/control/faults")).GetProperty("catalogue");

        Assert.Equal(FaultCatalog.All.Select(fault => fault.Name), catalogue.EnumerateArray().Select(fault => fault.GetProperty("name").GetString()));
        JsonElement outcome = catalogue.EnumerateArray().Single(fault => fault.GetProperty("name").GetString() == "fault-token-status-429").GetProperty("outcome");
        Assert.Equal(
            """{"kind":"error","code":"concurrencyLimit","phase":"session_token","retry":"delayed","retryAfterSeconds":7,"connectionStays":false,"session":"audio_only"}""",
            outcome.GetRawText());
    }

    [Fact]
    public async Task Connections_Open_AreListedWithTheirRequestsAndFault()
    {
        using RawClient client = await RawClient.OpenAsync(_server, "fault-no-end", 8000);
        await client.SendAudioAsync("one", Speech.Silence(100));
        await client.SendAudioAsync("two", Speech.Silence(100));
        await Eventually.TrueAsync(() => _server.Counters.RequestsStarted == 2);

        JsonElement connection = Assert.Single((await GetAsync("/control/connections")).GetProperty("connections").EnumerateArray().ToArray());
        Assert.Equal(
            (client.ConnectionId, "fault-no-end", 2, "fault-no-end"),
            (connection.GetProperty("connectionId").GetString(), connection.GetProperty("avatarId").GetString(), connection.GetProperty("requests").GetInt32(), connection.GetProperty("fault").GetString()));
        Assert.InRange(connection.GetProperty("ageSeconds").GetDouble(), 0, 60);
        await client.CloseAsync();
        await Eventually.TrueAsync(() => _server.Connections.Count == 0);
    }

    [Fact]
    public async Task Counters_All_AreThoseOfTheServer()
    {
        await RawClient.TokenAsync(_server);

        JsonElement counters = await GetAsync("/control/counters");
        Assert.Equal(1, counters.GetProperty("tokensIssued").GetInt32());
        Assert.Equal(typeof(LocalMotionServerCounters).GetProperties().Length, counters.EnumerateObject().Count());
    }

    private static async Task<string> DetailAsync(HttpResponseMessage response)
    {
        using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("errors")[0].GetProperty("detail").GetString()!;
    }

    private async Task<JsonElement> ArmAsync(string body)
    {
        using HttpResponseMessage response = await _http.PostAsync(new Uri("/control/faults", UriKind.Relative), new StringContent(body));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement[]> ArmedAsync() => [.. (await GetAsync("/control/faults")).GetProperty("armed").EnumerateArray()];

    private async Task<JsonElement> GetAsync(string path) => await _http.GetFromJsonAsync<JsonElement>(path);

    private async Task AssertRefusedAsync(string avatarId, int status = 503)
    {
        string token = await RawClient.TokenAsync(_server);
        var exception = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => RawClient.ConnectAsync(_server, avatarId, token));
        Assert.Contains($"'{status}'", exception.Message, StringComparison.Ordinal);
    }
}
