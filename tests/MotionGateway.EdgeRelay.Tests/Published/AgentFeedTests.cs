using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>What the demo clients for web and phones do at <c>/ws/agent</c>, in the newer form and the older.</summary>
public sealed class AgentFeedTests : IDisposable
{
    private const ViewerPermissions Everything = ViewerPermissions.Talk | ViewerPermissions.Interrupt;

    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Ready_ComesFirstWithTheConfiguration()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        using var client = await ConnectAsync(test);

        var ready = (await client.ReceiveAsync())!.Value;

        Assert.Equal("ready", PublishedClient.TypeOf(ready));
        Assert.Equal("session-1", ready.GetProperty("sessionId").GetString());
        Assert.Equal(0, ready.GetProperty("missing").GetProperty("sample").GetArrayLength());
        AssertConfig(ready.GetProperty("avatar"));
    }

    [Fact]
    public async Task Config_OfAToken_IsToldToPagesOfOtherOriginsByGetAndPost()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        var address = new Uri($"{test.Address}/d/{test.Token()}/api/config");
        using var get = new HttpRequestMessage(HttpMethod.Get, address);
        get.Headers.Add("Origin", "https://elsewhere.example");

        using var got = await _http.SendAsync(get);
        using var posted = await _http.PostAsync(address, new StringContent("""{"appId": "other"}"""));

        Assert.Equal("*", Assert.Single(got.Headers.GetValues("Access-Control-Allow-Origin")));
        foreach (var answer in new[] { got, posted })
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            AssertConfig(JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
        }
    }

    [Fact]
    public async Task Health_SaysOkWithNothingMissing()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var health = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"{test.Address}/d/any/healthz"))).RootElement;

        Assert.True(health.GetProperty("ok").GetBoolean());
        Assert.Equal(0, health.GetProperty("missing").GetArrayLength());
    }

    [Fact]
    public async Task TwoTurnsInARow_ReachTheClientWholeEachInItsOwnConversation()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(time: time);
        var session = test.AddSession();
        using var client = await ConnectAsync(test);
        await client.ReceiveTypeAsync("ready");
        Said.Speak(session, "t1", 16000, seconds: 3);
        Said.Speak(session, "t2", 16000, seconds: 1);
        session.End("t1");
        session.End("t2");
        await client.ReceiveUntilAsync(IsEndOf("t1"));

        // What is answered now was asked when all was in the log: the second turn is held.
        await client.SendAsync(new { type = "ping" });
        Assert.Equal("pong", PublishedClient.TypeOf((await client.ReceiveAsync())!.Value));
        time.Advance(TimeSpan.FromSeconds(4));
        await client.ReceiveUntilAsync(IsEndOf("t2"));

        var player = new StrictPlayer();
        player.Take(client.Received);
        Assert.Empty(player.Faults);
        Assert.Equal(["t1", "t2"], player.Turns.Select(turn => turn.Id));
        Said.AssertWhole(session, player.Turns);
    }

    [Fact]
    public async Task Session_At24000Hertz_IsPlayedAtThePitchAndLengthThatItHas()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        using var client = await ConnectAsync(test);
        await client.ReceiveTypeAsync("ready");
        session.Start("t1", sampleRate: 24000);
        for (int piece = 0; piece < 10; piece++)
        {
            session.Audio("t1", Said.Tone(24000, 440, piece * 2400, 2400), last: piece == 9);
        }

        session.Motion("t1", 0, 25, last: true);
        session.Seal("t1");
        await client.ReceiveUntilAsync(IsEndOf("t1"));

        var player = new StrictPlayer();
        player.Take(client.Received);
        Assert.Empty(player.Faults);
        byte[] heard = [.. Assert.Single(player.Turns).Audio];
        Assert.Equal(16000 * sizeof(short), heard.Length);
        Assert.InRange(Said.CountUpwardZeroCrossings(heard), 439, 441);
    }

    [Fact]
    public async Task MicrophoneTextAndInterrupt_ReachTheSpeaker()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        using var client = await ConnectAsync(test, Everything);
        await client.ReceiveTypeAsync("ready");
        session.Start("t1");
        session.Audio("t1");
        await client.ReceiveTypeAsync("avatar_audio");
        await client.SendAsync(new { type = "set_avatar", avatarId = "" });
        await client.SendAsync(new { type = "start_agent", language = "en" });
        await client.ReceiveTypeAsync("agent_ready");
        await client.SendAsync(new { type = "mic_audio", audio = Convert.ToBase64String([1, 2, 3, 4]) });
        await client.SendAsync(new { type = "mic_end" });
        await client.SendAsync(new { type = "text", text = "hello" });
        await client.SendAsync(new { type = "text_query", text = "who are you?" });
        await client.SendAsync(new { type = "interrupt" });

        var told = await client.ReceiveTypeAsync("interrupt");
        await RelayUnderTest.UntilAsync(() => session.Events.Count == 4, "all events had come");

        Assert.NotEmpty(told.GetProperty("reason").GetString()!);
        var microphone = Assert.Single(session.Events, viewerEvent => viewerEvent.MicrophoneAudio is not null).MicrophoneAudio;
        Assert.Equal((16000, 4), (microphone.SampleRate, microphone.Data.Length));
        Assert.Equal(["hello", "who are you?"], session.Events.Select(viewerEvent => viewerEvent.Text).Where(text => text.Length > 0));
        var interrupt = Assert.Single(session.Events, viewerEvent => viewerEvent.Interrupt is not null).Interrupt;
        Assert.Equal(new Position { Epoch = 1, Sequence = 2 }, interrupt.Position);
    }

    [Fact]
    public async Task Interrupted_NothingOfTheTurnFollowsAndTheNextIsPlayed()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        using var client = await ConnectAsync(test);
        await client.ReceiveTypeAsync("ready");
        session.Start("t1");
        session.Audio("t1");
        session.Motion("t1", 0, 2);
        await client.ReceiveTypeAsync("avatar_frames");
        session.Audios("t1", 20);
        session.Interrupt("t1", "barge-in");
        Said.Speak(session, "t2", 16000, seconds: 1);
        await client.ReceiveUntilAsync(IsEndOf("t2"));

        int told = client.Received.FindIndex(message => PublishedClient.TypeOf(message) == "interrupt");
        Assert.Equal("barge-in", client.Received[told].GetProperty("reason").GetString());
        Assert.DoesNotContain(client.Received.Skip(told), message => message.TryGetProperty("turnId", out var turnId) && turnId.GetString() == "t1");
        var player = new StrictPlayer();
        player.Take(client.Received);
        Assert.Empty(player.Faults);
    }

    [Fact]
    public async Task ListenerOnly_IsToldThatItMayNotTalkAndGoesOnListening()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        using var client = await ConnectAsync(test);
        await client.ReceiveTypeAsync("ready");
        await client.SendAsync(new { type = "start_agent" });
        await client.ReceiveTypeAsync("error");
        await client.SendAsync(new { type = "text", text = "hello" });
        await client.ReceiveTypeAsync("status");
        await client.SendAsync(new { type = "play_sample", clip = "welcome" });
        await client.ReceiveTypeAsync("error");
        session.Start("t1");
        session.Audio("t1");

        await client.ReceiveTypeAsync("avatar_audio");
        Assert.Empty(session.Events);
    }

    [Theory]
    [InlineData("{\"type\": \"newer\", \"x\": [1]}")]
    [InlineData("{\"type\": 5}")]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Message_UnknownOrBroken_IsIgnored(string message)
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        using var client = await ConnectAsync(test);
        await client.ReceiveTypeAsync("ready");
        foreach (var type in new[] { WebSocketMessageType.Text, WebSocketMessageType.Binary })
        {
            await client.SendAsync(System.Text.Encoding.UTF8.GetBytes(message), type);
        }

        await client.SendAsync(new { type = "ping" });

        Assert.Equal("pong", PublishedClient.TypeOf((await client.ReceiveAsync())!.Value));
    }

    [Fact]
    public async Task Token_ThatOpensNothing_IsToldAndTheSocketClosed()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        foreach (string token in new[] { "nonsense", test.Token("session-9"), test.Token()[..^6] + "AAAAAA" })
        {
            using var client = await PublishedClient.ConnectAsync(test, $"/d/{token}/ws/agent");
            var told = await client.ReceiveToEndAsync();

            Assert.Equal(["error"], told.Select(PublishedClient.TypeOf));
            Assert.Equal(4024, client.CloseCode);
            using var config = await _http.GetAsync(new Uri($"{test.Address}/d/{token}/api/config"));
            Assert.Equal(HttpStatusCode.Unauthorized, config.StatusCode);
        }
    }

    [Fact]
    public async Task Token_Expired_IsToldAsThat()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        using var client = await PublishedClient.ConnectAsync(test, $"/d/{test.Token(lifetimeSeconds: -60)}/ws/agent");

        Assert.Equal(["error"], (await client.ReceiveToEndAsync()).Select(PublishedClient.TypeOf));
        Assert.Equal(4027, client.CloseCode);
    }

    [Fact]
    public async Task Session_Closed_TheSocketClosesWhenTheLastTurnHasBeenPlayed()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(time: time);
        var session = test.AddSession();
        using var client = await ConnectAsync(test);
        await client.ReceiveTypeAsync("ready");
        Said.Speak(session, "t1", 16000, seconds: 2);
        session.End("t1");
        session.Close();
        await client.ReceiveUntilAsync(IsEndOf("t1"));
        await client.SendAsync(new { type = "ping" });
        Assert.Equal("pong", PublishedClient.TypeOf((await client.ReceiveAsync())!.Value));

        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Empty(await client.ReceiveToEndAsync());
        Assert.Equal(1000, client.CloseCode);
    }

    [Fact]
    public async Task PublishedFeeds_TurnedOff_AreNotThere()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.PublishedFeeds = false);
        using var answer = await _http.GetAsync(new Uri($"{test.Address}/d/{test.Token()}/api/config"));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static Task<PublishedClient> ConnectAsync(RelayUnderTest test, ViewerPermissions permissions = ViewerPermissions.None) =>
        PublishedClient.ConnectAsync(test, $"/d/{test.Token(permissions: permissions)}/ws/agent");

    private static Func<JsonElement, bool> IsEndOf(string turnId) => message => PublishedClient.TypeOf(message) == "avatar_frames"
        && message.GetProperty("isLast").GetBoolean() && message.GetProperty("turnId").GetString() == turnId;

    private static void AssertConfig(JsonElement config)
    {
        Assert.Equal("app", config.GetProperty("appId").GetString());
        Assert.Equal("avatar", config.GetProperty("avatarId").GetString());
        Assert.Equal(16000, config.GetProperty("outputSampleRate").GetInt32());
        Assert.Equal(16000, config.GetProperty("inputSampleRate").GetInt32());
        Assert.NotEmpty(config.GetProperty("region").GetString()!);
        Assert.Equal(0, config.GetProperty("missing").GetProperty("realtime").GetArrayLength());
        Assert.Equal(JsonValueKind.Array, config.GetProperty("clips").ValueKind);

        // The page's button stays disabled until both are there.
        Assert.Equal("app", config.GetProperty("SPATIUS_APP_ID").GetString());
        Assert.NotEmpty(config.GetProperty("SPATIUS_API_KEY").GetString()!);
    }
}
