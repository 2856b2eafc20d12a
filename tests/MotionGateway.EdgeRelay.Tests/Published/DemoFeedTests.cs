using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>Clients that come without a token, which only a demo lets in.</summary>
public sealed class DemoFeedTests : IDisposable
{
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Client_AsksForAClip_HearsItInASessionOfItsOwn()
    {
        var demo = new FakeDemo();
        await using var test = await StartAsync(demo);
        using (var client = await PublishedClient.ConnectAsync(test, "/ws/agent"))
        using (var other = await PublishedClient.ConnectAsync(test, "/ws/agent"))
        {
            var ready = await client.ReceiveTypeAsync("ready");
            var otherReady = await other.ReceiveTypeAsync("ready");
            await client.SendAsync(new { type = "play_sample", clip = "welcome" });
            await client.ReceiveUntilAsync(message => PublishedClient.TypeOf(message) == "avatar_frames" && message.GetProperty("isLast").GetBoolean());

            Assert.NotEqual(ready.GetProperty("sessionId").GetString(), otherReady.GetProperty("sessionId").GetString());
            Assert.Equal("welcome", ready.GetProperty("avatar").GetProperty("clips")[0].GetProperty("clip").GetString());
            var player = new StrictPlayer();
            player.Take(client.Received);
            Assert.Empty(player.Faults);
            Assert.Equal(3200, Assert.Single(player.Turns).Audio.Count);
        }

        await RelayUnderTest.UntilAsync(() => Volatile.Read(ref demo.Open) == 0, "the sessions had been closed");
    }

    [Fact]
    public async Task HostBinary_Starts_HearsTheClip()
    {
        await using var test = await StartAsync(new FakeDemo());
        using var client = await PublishedClient.ConnectAsync(test, "/host/binary");
        await client.SendAsync(new { action = "start", avatar_id = "any", sample_rate = 16000 });
        List<byte> types = [];
        while (await client.ReceiveRawAsync() is { } message)
        {
            Assert.Equal(WebSocketMessageType.Binary, message.Type);
            types.Add(message.Bytes[0]);
        }

        Assert.Equal([3, 1, 1, 2], types);
    }

    [Fact]
    public async Task Config_TellsTheClips()
    {
        await using var test = await StartAsync(new FakeDemo());
        var config = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"{test.Address}/api/config"))).RootElement;

        Assert.Equal("app", config.GetProperty("appId").GetString());
        Assert.Equal("welcome", config.GetProperty("clips")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Client_WhenTheDemoIsFull_IsRefused()
    {
        await using var test = await StartAsync(new FakeDemo(maxSessions: 0));

        var failure = await Assert.ThrowsAsync<WebSocketException>(() => PublishedClient.ConnectAsync(test, "/ws/agent"));

        Assert.Contains("503", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ws/agent")]
    [InlineData("/api/config")]
    [InlineData("/host")]
    public async Task Relay_OfNoDemo_LetsNobodyInWithoutAToken(string path)
    {
        await using var test = await RelayUnderTest.StartAsync();
        using var answer = await _http.GetAsync(new Uri(test.Address + path));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<RelayUnderTest> StartAsync(FakeDemo demo)
    {
        var test = await RelayUnderTest.StartAsync(extend: builder => builder.Services.AddSingleton<IDemoSessions>(demo));
        demo.Test = test;
        return test;
    }
}
