using System.Net;
using System.Text.Json;
using MotionGateway.LocalMotion.Egress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Egress;

public sealed class EgressConfigurationTests
{
    public static TheoryData<string, string> WrongOnes => new()
    {
        { "livekit-none", "livekit_egress is required" },
        { "livekit-url", "livekit_egress: url is required" },
        { "livekit-ftp", "livekit_egress: url is no ws or wss URL" },
        { "livekit-room", "livekit_egress: room_name is required" },
        { "livekit-publisher", "livekit_egress: publisher_id is required" },
        { "livekit-idle", "livekit_egress: idle_timeout is negative" },
        { "livekit-credentials", "missing livekit credentials" },
        { "livekit-key-only", "provide api_token or both api_key and api_secret" },
        { "livekit-secret-only", "provide api_token or both api_key and api_secret" },
        { "agora-none", "agora_egress is required" },
        { "agora-channel", "agora_egress: channel_name is required" },
        { "agora-publisher", "agora_egress: publisher_id or uid is required" },
        { "unknown", "egress type 9 is unknown" },
    };

    [Theory]
    [MemberData(nameof(WrongOnes))]
    public async Task Configure_WithWrongEgress_IsRefusedAsInvalidArgument(string wrong, string text)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(server, "avatar", await RawClient.TokenAsync(server));
        Message answer = await client.ConfigureAsync(Wrong(wrong));

        Assert.Equal(3, answer.ServerError.Code);
        Assert.Contains(text, answer.ServerError.Message, StringComparison.Ordinal);
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(4000, (int)client.CloseStatus!);
        Assert.Empty(server.Egress.Connections);
    }

    [Theory]
    [InlineData("join-token", "no JSON Web Token")]
    [InlineData("a.b.c", "no JSON Web Token")]
    [InlineData("room", "has expired", 1)]
    [InlineData("room", "not in force yet", null, 2_100_000_000)]
    [InlineData("other-room", "no video grant")]
    [InlineData(null, "no video grant")]
    [InlineData("room", "not signed by HS256", null, null, "none")]
    [InlineData("room", "another secret's", null, null, "HS256", "other-secret")]
    public async Task Configure_WithAWrongLiveKitToken_IsRefusedAsUnauthorized(
        string? token, string text, int? expiry = null, int? notBefore = null, string algorithm = "HS256", string secret = "livekit-secret")
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { LiveKitApiSecret = "livekit-secret" });
        using RawClient client = await RawClient.ConnectAsync(server, "avatar", await RawClient.TokenAsync(server));
        string made = token is null || token.EndsWith("room", StringComparison.Ordinal) ? LiveKitTokens.Make(token, expiry, notBefore, secret, algorithm) : token;
        Message answer = await client.ConfigureAsync(EgressClient.LiveKit(livekit => livekit.ApiToken = made));

        Assert.Equal(16, answer.ServerError.Code);
        Assert.Contains("unauthorized", answer.ServerError.Message, StringComparison.Ordinal);
        Assert.Contains(text, answer.ServerError.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(made, answer.ServerError.Message, StringComparison.Ordinal);
        Assert.Null(await client.ReceiveAsync());
        Assert.Empty(server.Egress.Connections);
    }

    [Theory]
    [InlineData("livekit-secret")]
    [InlineData(null)]
    public async Task Configure_WithAGoodLiveKitToken_IsConfirmed(string? secret)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { LiveKitApiSecret = secret });
        string signedBy = secret ?? "whatever";
        (RawClient client, ServerConfirmSession confirm) = await EgressClient.OpenAsync(
            server, EgressClient.LiveKit(livekit => livekit.ApiToken = LiveKitTokens.Make("room", secret: signedBy)));
        using RawClient open = client;
        Assert.NotEqual("", confirm.ConnectionId);
    }

    [Fact]
    public async Task Configure_WithoutEgressOnTheServer_IsRefusedAsUnavailable()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { Egress = EgressSupport.None });
        using RawClient client = await RawClient.ConnectAsync(server, "avatar", await RawClient.TokenAsync(server));
        Message answer = await client.ConfigureAsync(EgressClient.LiveKit());

        Assert.Equal((14, "egress client is not configured on server"), (answer.ServerError.Code, answer.ServerError.Message));
    }

    [Fact]
    public async Task Configure_WithEgress_IsConfirmedWithCapabilities()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        (RawClient livekit, ServerConfirmSession first) = await EgressClient.OpenAsync(server, EgressClient.LiveKit());
        (RawClient agora, ServerConfirmSession second) = await EgressClient.OpenAsync(server, EgressClient.Agora());
        using (livekit)
        using (agora)
        {
            Assert.Equal(["playback_control", "playback_state"], first.Capabilities);
            Assert.Equal(["playback_control", "playback_state"], second.Capabilities);
        }
    }

    [Fact]
    public async Task Record_OfLiveKit_HoldsTheConfigurationWithoutItsSecrets()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        (RawClient client, ServerConfirmSession confirm) = await EgressClient.OpenAsync(server, EgressClient.LiveKit(livekit =>
        {
            livekit.Url = "wss://user:secret-password@rtc.example.com/path?access_token=secret-query";
            livekit.ExtraAttributes.Add("owner", "secret-value");
            livekit.IdleTimeout = 30;
        }));
        using RawClient open = client;

        EgressConnection connection = Assert.Single(server.Egress.Connections);
        Assert.Equal((confirm.ConnectionId, "avatar", null), (connection.ConnectionId, connection.AvatarId, connection.ClosedAt));
        Assert.Equal(("livekit", "wss://rtc.example.com/path", "room", "avatar-1", 0, "api_token", TimeSpan.FromSeconds(30)), (
            connection.Target.Type, connection.Target.Url, connection.Target.Room, connection.Target.PublisherId,
            connection.Target.Uid, connection.Target.Credentials, connection.Target.IdleTimeout));
        Assert.Equal(["owner"], connection.Target.AttributeNames);
        Assert.DoesNotContain("secret", await GetRecordAsync(server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_OverHttp_NeedsTheKeyAndShowsWhatWouldHaveBeenPublished()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        (RawClient client, _) = await EgressClient.OpenAsync(server, EgressClient.Agora());
        using (client)
        {
            await client.SendAudioAsync("turn", Speech.Babble(3 * EgressClient.Rate, EgressClient.Rate), end: true);
            await Eventually.TrueAsync(() => server.Counters.RequestsFinished == 1 && server.Egress.Connections[0].Requests[0].MotionMessages == 2);
        }

        using var http = new HttpClient();
        using HttpResponseMessage refused = await http.GetAsync(new Uri(server.BaseAddress, "/control/egress"));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        await Eventually.TrueAsync(() => server.Egress.Connections[0].ClosedAt is not null);
        using JsonDocument body = JsonDocument.Parse(await GetRecordAsync(server));
        JsonElement connection = body.RootElement.GetProperty("connections")[0];
        Assert.Equal(("agora", "channel", 7), (
            connection.GetProperty("target").GetProperty("type").GetString(),
            connection.GetProperty("target").GetProperty("room").GetString(),
            connection.GetProperty("target").GetProperty("uid").GetInt32()));
        JsonElement request = connection.GetProperty("requests")[0];
        Assert.Equal(("turn", 48000, 3000d, true, 2, 75), (
            request.GetProperty("reqId").GetString(), request.GetProperty("audioBytes").GetInt32(), request.GetProperty("audioMs").GetDouble(),
            request.GetProperty("audioEnded").GetBoolean(), request.GetProperty("motionMessages").GetInt32(), request.GetProperty("keyframes").GetInt32()));
        Assert.DoesNotContain("secret", body.RootElement.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, server.Counters.AnimationsSent);
    }

    private static async Task<string> GetRecordAsync(LocalMotionServer server)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("X-Api-Key", "local-key");
        return await http.GetStringAsync(new Uri(server.BaseAddress, "/control/egress"));
    }

    private static ClientConfigureSession Wrong(string name) => name switch
    {
        "livekit-none" => new ClientConfigureSession { SampleRate = EgressClient.Rate, EgressType = EgressType.Livekit },
        "livekit-url" => EgressClient.LiveKit(livekit => livekit.Url = ""),
        "livekit-ftp" => EgressClient.LiveKit(livekit => livekit.Url = "ftp://example.com"),
        "livekit-room" => EgressClient.LiveKit(livekit => livekit.RoomName = ""),
        "livekit-publisher" => EgressClient.LiveKit(livekit => livekit.PublisherId = ""),
        "livekit-idle" => EgressClient.LiveKit(livekit => livekit.IdleTimeout = -1),
        "livekit-credentials" => EgressClient.LiveKit(livekit => livekit.ApiToken = ""),
#pragma warning disable CS0612 // Deprecated fields of the protocol, which clients still send.
        "livekit-key-only" => EgressClient.LiveKit(livekit => (livekit.ApiToken, livekit.ApiKey) = ("", "key")),
        "livekit-secret-only" => EgressClient.LiveKit(livekit => (livekit.ApiToken, livekit.ApiSecret) = ("", "secret")),
#pragma warning restore CS0612
        "agora-none" => new ClientConfigureSession { SampleRate = EgressClient.Rate, EgressType = EgressType.Agora },
        "agora-channel" => EgressClient.Agora(agora => agora.ChannelName = ""),
        "agora-publisher" => EgressClient.Agora(agora => agora.Uid = 0),
        _ => new ClientConfigureSession { SampleRate = EgressClient.Rate, EgressType = (EgressType)9 },
    };
}
