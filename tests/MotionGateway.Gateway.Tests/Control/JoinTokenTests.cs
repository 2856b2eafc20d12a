using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Tokens by which viewers join the room of a session.</summary>
public sealed class JoinTokenTests
{
    private const string LiveKitSecret = "signs-rooms-of-livekit";
    private const string Certificate = "fedcba9876543210fedcba9876543210";

    [Fact]
    public async Task CreateJoinToken_LiveKit_OpensTheSessionsRoomToSeeAndHear()
    {
        await using var gateway = await StartAsync();
        using var speaker = await OpenAsync(gateway, new Egress { Livekit = new LiveKitRoom { Room = "room", Publisher = "face" } });

        var join = await gateway.Sessions.CreateJoinTokenAsync(new CreateJoinTokenRequest { SessionId = speaker.SessionId, ViewerId = "ann" });

        Assert.Equal(("wss://rooms.example", "room", "face", "ann"), (join.Livekit.Url, join.Livekit.RoomName, join.Livekit.Publisher, join.ViewerId));
        var claims = Claims(join.Livekit.Token);
        Assert.Equal("ann", claims.GetProperty("sub").GetString());
        Assert.Equal(join.ExpireTime.Seconds, claims.GetProperty("exp").GetInt64());
        Assert.Equal(600, claims.GetProperty("exp").GetInt64() - claims.GetProperty("nbf").GetInt64());
        Assert.Equal(
            """{"roomJoin":true,"room":"room","canPublish":false,"canPublishData":false,"canSubscribe":true}""",
            claims.GetProperty("video").GetRawText());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CreateJoinToken_ByViewerToken_GivesWhatThatAllowsAndNoLonger(bool mayTalk)
    {
        await using var gateway = await StartAsync();
        using var speaker = await OpenAsync(gateway, new Egress { Livekit = new LiveKitRoom { Room = "room" } });
        var viewer = await gateway.Sessions.CreateViewerTokenAsync(
            new CreateViewerTokenRequest { SessionId = speaker.SessionId, ViewerId = "ann", MayTalk = mayTalk, LifetimeSeconds = 60 });

        var join = await gateway.Sessions.CreateJoinTokenAsync(
            new CreateJoinTokenRequest { SessionId = speaker.SessionId, ViewerToken = viewer.ViewerToken, LifetimeSeconds = 3600 });

        var video = Claims(join.Livekit.Token).GetProperty("video");
        Assert.Equal(("ann", mayTalk, mayTalk), (join.ViewerId, video.GetProperty("canPublish").GetBoolean(), video.GetProperty("canPublishData").GetBoolean()));
        Assert.InRange(join.ExpireTime.Seconds, viewer.ExpireTime.Seconds - 30, viewer.ExpireTime.Seconds);
    }

    [Fact]
    public async Task CreateJoinToken_Agora_HasANumberOfItsOwn()
    {
        await using var gateway = await StartAsync();
        using var speaker = await OpenAsync(gateway, new Egress { Agora = new AgoraChannel { Channel = "channel" } });

        var join = await gateway.Sessions.CreateJoinTokenAsync(new CreateJoinTokenRequest { SessionId = speaker.SessionId });
        var again = await gateway.Sessions.CreateJoinTokenAsync(new CreateJoinTokenRequest { SessionId = speaker.SessionId });

        Assert.Equal(("0123456789abcdef0123456789abcdef", "channel"), (join.Agora.AppId, join.Agora.Channel));
        Assert.Equal(speaker.Opened.Egress.Agora.Uid, join.Agora.PublisherUid);
        uint[] numbers = [join.Agora.Uid, again.Agora.Uid, join.Agora.PublisherUid];
        Assert.DoesNotContain(0U, numbers);
        Assert.Equal(3, numbers.Distinct().Count());
    }

    [Fact]
    public async Task CreateJoinToken_OfAnotherSessionOrMoreThanTheTokenSays_IsRefused()
    {
        await using var gateway = await StartAsync();
        using var one = await OpenAsync(gateway, new Egress { Livekit = new LiveKitRoom { Room = "one" } });
        using var two = await OpenAsync(gateway, new Egress { Livekit = new LiveKitRoom { Room = "two" } });
        using var logged = await Speaker.OpenAsync(gateway.Speech);
        string token = one.Opened.ViewerToken;
        var room = one.Opened.Egress.Livekit;

        Assert.Equal("VIEWER_TOKEN_INVALID viewer_token", await RefusalAsync(gateway, two, request => request.ViewerToken = token));
        Assert.Equal("VIEWER_TOKEN_INVALID viewer_token", await RefusalAsync(gateway, one, request => request.ViewerToken = $"{token}x"));
        Assert.Equal("INVALID_REQUEST viewer_token", await RefusalAsync(gateway, one, request => (request.ViewerToken, request.MayTalk) = (token, true)));
        Assert.Equal("INVALID_REQUEST viewer_token", await RefusalAsync(gateway, one, request => (request.ViewerToken, request.ViewerId) = (token, "bob")));
        Assert.Equal("INVALID_REQUEST viewer_id", await RefusalAsync(gateway, one, request => request.ViewerId = room.Publisher));
        Assert.Equal("INVALID_REQUEST lifetime_seconds", await RefusalAsync(gateway, one, request => request.LifetimeSeconds = 5));
        Assert.Equal("NO_EGRESS", await RefusalAsync(gateway, logged, _ => { }));
        await gateway.Sessions.CloseSessionAsync(new CloseSessionRequest { SessionId = one.SessionId });
        Assert.Equal("SESSION_CLOSED", await RefusalAsync(gateway, one, _ => { }));
    }

    [Theory]
    [InlineData("livekit")]
    [InlineData("agora")]
    public async Task Session_InARoom_LeavesNoSecretInLogOrSpan(string kind)
    {
        var told = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => told.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)}"),
        };
        ActivitySource.AddActivityListener(listener);
        await using var gateway = await StartAsync();
        var room = kind == "agora" ? new Egress { Agora = new() { Channel = "c" } } : new Egress { Livekit = new() { Room = "r" } };
        using var speaker = await OpenAsync(gateway, room);

        await speaker.SayAsync(Speech.Create(16000, 3200), "one");
        await speaker.TurnEndedAsync("one");
        var join = await gateway.Sessions.CreateJoinTokenAsync(
            new CreateJoinTokenRequest { SessionId = speaker.SessionId, ViewerToken = speaker.Opened.ViewerToken });

        Assert.Contains(told, span => span.Contains("CreateJoinToken", StringComparison.Ordinal));
        string all = string.Join('\n', [.. told, .. gateway.Log.Entries.Select(entry => $"{entry}"), $"{await gateway.GetSessionAsync(speaker.SessionId)}"]);
        string[] secrets = [LiveKitSecret, Certificate, join.Livekit?.Token ?? join.Agora.Token, speaker.Opened.ViewerToken, "eyJ", "007e"];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
    }

    private static Task<GatewayUnderTest> StartAsync() => GatewayUnderTest.StartAsync(options =>
    {
        options.LiveKit["one"] = new() { Url = "wss://rooms.example", ApiKey = "key", ApiSecret = LiveKitSecret };
        options.Agora["one"] = new() { AppId = "0123456789abcdef0123456789abcdef", AppCertificate = Certificate };
    });

    private static Task<Speaker> OpenAsync(GatewayUnderTest gateway, Egress room) =>
        Speaker.OpenAsync(gateway.Speech, open => open.Egress = room);

    private static JsonElement Claims(string token)
    {
        string part = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
        return JsonDocument.Parse(Convert.FromBase64String(part.PadRight((part.Length + 3) / 4 * 4, '='))).RootElement;
    }

    private static async Task<string> RefusalAsync(GatewayUnderTest gateway, Speaker speaker, Action<CreateJoinTokenRequest> configure)
    {
        var request = new CreateJoinTokenRequest { SessionId = speaker.SessionId };
        configure(request);
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await gateway.Sessions.CreateJoinTokenAsync(request));
        return fault.Status.Detail.Split(':')[0];
    }
}
