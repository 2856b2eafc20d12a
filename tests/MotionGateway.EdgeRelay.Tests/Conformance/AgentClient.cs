using System.Text.Json;
using MotionGateway.EdgeRelay.Tests.Published;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A published demo client on <c>/ws/agent</c>, of the current form or the older.</summary>
internal sealed class AgentClient : FeedClient
{
    private readonly PublishedClient _client;
    private readonly bool _isOlder;
    private bool _isGatewayAway;

    private AgentClient(PublishedClient client, bool isOlder) => (_client, _isOlder) = (client, isOlder);

    public static async Task<FeedClient> ConnectAsync(SessionUnderTest session, FeedRequest request, bool isOlder)
    {
        var test = ((RelaySession)session).Test;
        if (isOlder)
        {
            await AssertHealthyAsync($"{test.Address}/d/{request.Token}/healthz");
        }

        return new AgentClient(await PublishedClient.ConnectAsync(test, $"/d/{request.Token}/ws/agent"), isOlder);
    }

    public override void AssertWellFormed(bool goesOn = false)
    {
        base.AssertWellFormed(goesOn);
        var player = new StrictPlayer();
        player.Take(_client.Received);
        Assert.Empty(player.Faults);
    }

    public override void Dispose() => _client.Dispose();

    protected override async Task<IReadOnlyList<FeedEvent>?> ReceiveAsync()
    {
        if (await _client.ReceiveAsync() is { } message)
        {
            return [.. Read(message)];
        }

        EndReason = ReasonOf(_client.CloseCode);
        return null;
    }

    // Clients of the older form go no further before.
    private static async Task AssertHealthyAsync(string address)
    {
        using var http = new HttpClient();
        var health = JsonDocument.Parse(await http.GetStringAsync(new Uri(address))).RootElement;
        Assert.True(health.GetProperty("ok").GetBoolean());
        Assert.Equal(0, health.GetProperty("missing").GetArrayLength());
    }

    private IEnumerable<FeedEvent> Read(JsonElement message)
    {
        switch (PublishedClient.TypeOf(message))
        {
            case "ready":
                yield return new(FeedSign.Opened);
                break;
            case "avatar_audio":
                yield return new(FeedSign.Audio, TurnOf(message)) { Data = message.GetProperty("audio").GetBytesFromBase64() };
                break;
            case "avatar_frames":
                foreach (var frame in message.GetProperty("frames").EnumerateArray())
                {
                    yield return new(FeedSign.Motion, TurnOf(message)) { Data = frame.GetBytesFromBase64() };
                }

                if (message.GetProperty("isLast").GetBoolean())
                {
                    yield return new(FeedSign.TurnComplete, TurnOf(message));
                }

                break;
            case "interrupt":
                yield return new(FeedSign.Interrupted);
                break;
            case "error":
                yield return new(FeedSign.Failed);
                break;
            case "status":
                _isGatewayAway = !_isGatewayAway;
                yield return new(_isGatewayAway ? FeedSign.GatewayAway : FeedSign.GatewayBack);
                break;
        }
    }

    // Only the older form reads it, and drops what has none.
    private string TurnOf(JsonElement message) => _isOlder ? message.GetProperty("turnId").GetString()! : "";
}
