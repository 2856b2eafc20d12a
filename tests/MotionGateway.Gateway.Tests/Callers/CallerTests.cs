using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.Hosting;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>How a gateway knows who calls, and what it tells of that.</summary>
public sealed class CallerTests : IDisposable
{
    private readonly CallerKeys _keys = new();
    private readonly TokenIssuer _issuer = new();

    private string JwksPath => Path.ChangeExtension(_keys.Path, ".jwks");

    public void Dispose()
    {
        _issuer.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public async Task Session_SaysWhoOpenedIt_AndCanBeFoundByThat()
    {
        string agent = _keys.Create("agent");
        string another = _keys.Create("another");
        await using var gateway = await StartAsync();
        using var first = await OpenAsync(gateway, agent);
        using var second = await OpenAsync(gateway, another);

        var listed = await new SessionService.SessionServiceClient(GatewayCalls.As(gateway.Channel, another))
            .ListSessionsAsync(new ListSessionsRequest { Caller = "key:agent" });

        Assert.Equal(("key:agent", first.SessionId), (listed.Sessions.Single().Caller, listed.Sessions.Single().SessionId));
        Assert.Contains(gateway.Log.Entries, entry =>
            entry.Message.Contains(first.SessionId, StringComparison.Ordinal) && entry.Message.Contains("key:agent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Session_WhereCallersAreNotToldApart_IsAnyones()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var speaker = await Speaker.OpenAsync(gateway.Speech);

        Assert.Equal("anyone", (await gateway.GetSessionAsync(speaker.SessionId)).Caller);
    }

    [Fact]
    public async Task CallerOfAnApp_ReachesItsSessionsAndNoOthers()
    {
        string bound = _keys.Create("bound", apps: ["default"]);
        string another = _keys.Create("another", apps: ["another-app"]);
        await using var gateway = await StartAsync();
        using var speaker = await OpenAsync(gateway, bound, open => open.App = "default");

        var fault = await Assert.ThrowsAsync<RpcException>(() => GetAsync(gateway, another, speaker.SessionId));
        using var itself = await OpenAsync(gateway, bound, open => open.App = "default");

        Assert.Equal(StatusCode.NotFound, fault.StatusCode);
        Assert.Equal(speaker.SessionId, (await GetAsync(gateway, bound, speaker.SessionId)).SessionId);
    }

    [Fact]
    public async Task KeysFile_Changed_HoldsForNewCalls_AndCallsUnderWayGoOn()
    {
        string old = _keys.Create("old");
        await using var gateway = await StartAsync();
        using var speaker = await OpenAsync(gateway, old);

        string made = _keys.Create("made");
        ApiKeyFile.Remove(_keys.Path, "old");
        var keys = gateway.App.Services.GetRequiredService<Reloaded<ApiKeyRing>>();
        keys.Refresh();
        using var next = await OpenAsync(gateway, made);
        await speaker.SayAsync(Speech.Create(16000, 1600), "t1");
        await speaker.TurnEndedAsync("t1");

        Assert.Equal(ErrorReason.CredentialInvalid, await RefusalAsync(gateway, old));
    }

    [Fact]
    public async Task KeysFile_ThatCannotBeUsed_ChangesNothingAndIsTold()
    {
        string key = _keys.Create("agent");
        await using var gateway = await StartAsync();
        gateway.Log.Expect(entry => entry.Message.Contains("Gateway:Callers:ApiKeysFile", StringComparison.Ordinal));
        await File.AppendAllTextAsync(_keys.Path, "{ \"id\": \"half\n");
        gateway.App.Services.GetRequiredService<Reloaded<ApiKeyRing>>().Refresh();
        using var speaker = await OpenAsync(gateway, key);

        Assert.Contains(gateway.Log.Entries, entry =>
            entry.Level == LogLevel.Error && entry.Message.Contains("line 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Credentials_AreInNoLogLine()
    {
        string key = _keys.Create("agent");
        using var stranger = new TokenIssuer();
        string token = stranger.Issue(new() { ["sub"] = "agent" });
        await File.WriteAllTextAsync(JwksPath, _issuer.Jwks);
        await using var gateway = await StartAsync(
            new JwtCallerOptions { Issuer = TokenIssuer.Name, Audience = TokenIssuer.Audience, JwksFile = JwksPath },
            app => app.Logging.SetMinimumLevel(LogLevel.Trace));
        using var speaker = await OpenAsync(gateway, key);
        string[] wrong = [token, $"{key}0", "mgk_nobody_0000"];
        foreach (string credential in wrong)
        {
            Assert.Equal(ErrorReason.CredentialInvalid, await RefusalAsync(gateway, credential));
        }

        string log = string.Join('\n', gateway.Log.Entries);
        Assert.All([.. wrong, key], credential => Assert.DoesNotContain(credential, log, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Token_ByAKeySetFile_IsTaken_AndByItsSuccessorWhenThatIsThere()
    {
        using var successor = new TokenIssuer();
        await File.WriteAllTextAsync(JwksPath, _issuer.Jwks);
        _keys.Create("unused");
        await using var gateway = await StartAsync(
            new JwtCallerOptions { Issuer = TokenIssuer.Name, Audience = TokenIssuer.Audience, JwksFile = JwksPath, ScopeClaim = "scp" });
        var claims = new Dictionary<string, object> { ["sub"] = "agent", ["scp"] = new[] { "speak", "operate" } };
        using var speaker = await OpenAsync(gateway, _issuer.Issue(claims));
        Assert.Equal(ErrorReason.CredentialInvalid, await RefusalAsync(gateway, successor.Issue(claims)));

        await File.WriteAllTextAsync(JwksPath, successor.Jwks);
        gateway.App.Services.GetRequiredService<Reloaded<JwtKeys>>().Refresh();
        using var next = await OpenAsync(gateway, successor.Issue(claims));

        Assert.Equal("jwt:agent", (await GetAsync(gateway, successor.Issue(claims), next.SessionId)).Caller);
        Assert.Equal(ErrorReason.CredentialInvalid, await RefusalAsync(gateway, _issuer.Issue(claims)));
    }

    [Fact]
    public async Task Token_ByAKeySetAddress_IsTaken()
    {
        int asked = 0;
        await using var issuer = WebApplication.CreateSlimBuilder().Build();
        issuer.Urls.Add("http://127.0.0.1:0");
        issuer.MapGet("/jwks", () =>
        {
            Interlocked.Increment(ref asked);
            return Results.Text(_issuer.Jwks, "application/json");
        });
        await issuer.StartAsync().DefaultTimeout();
        _keys.Create("unused");
        await using var gateway = await StartAsync(new JwtCallerOptions
        {
            Issuer = TokenIssuer.Name,
            Audience = TokenIssuer.Audience,
            JwksUrl = new Uri($"{issuer.Urls.First()}/jwks"),
        });
        using var stranger = new TokenIssuer();
        var claims = new Dictionary<string, object> { ["sub"] = "agent", ["scope"] = "speak" };
        using var speaker = await OpenAsync(gateway, _issuer.Issue(claims));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(ErrorReason.CredentialInvalid, await RefusalAsync(gateway, stranger.Issue(claims)));
        }

        // Keys that nobody has cost the issuer next to nothing.
        Assert.InRange(Volatile.Read(ref asked), 1, 2);
    }

    private Task<GatewayUnderTest> StartAsync(JwtCallerOptions? jwt = null, Action<WebApplicationBuilder>? extend = null) =>
        GatewayUnderTest.StartAsync(options => options.Callers = new CallersOptions { ApiKeysFile = _keys.Path, Jwt = jwt }, extend: extend);

    private static Task<Speaker> OpenAsync(GatewayUnderTest gateway, string credential, Action<OpenSession>? configure = null) =>
        Speaker.OpenAsync(new SpeechService.SpeechServiceClient(GatewayCalls.As(gateway.Channel, credential)), configure);

    private static async Task<Session> GetAsync(GatewayUnderTest gateway, string credential, string sessionId) =>
        (await new SessionService.SessionServiceClient(GatewayCalls.As(gateway.Channel, credential))
            .GetSessionAsync(new GetSessionRequest { SessionId = sessionId })).Session;

    private static async Task<ErrorReason> RefusalAsync(GatewayUnderTest gateway, string credential)
    {
        var fault = await Assert.ThrowsAsync<RpcException>(() => OpenAsync(gateway, credential));
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        return failure.Reason;
    }
}
