using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

public sealed class HeartbeatTests : IAsyncLifetime
{
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync(options =>
    {
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
        options.HeartbeatTimeout = TimeSpan.FromMilliseconds(500);
    });

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Streams_NothingElseToSay_SendHeartbeats()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, speaker.Opened.SessionId);

        var spoken = await speaker.WaitForAsync(r => r.Heartbeat is not null);
        var read = await reader.WaitForAsync(r => r.Heartbeat is not null);

        Assert.NotNull(spoken.Heartbeat.Time);
        Assert.NotNull(read.Heartbeat.Time);
        Assert.Equal(50, speaker.Opened.Limits.HeartbeatIntervalMs);
    }

    [Fact]
    public async Task Speak_PeerWithHeartbeatsFallsSilent_EndsAndTheSessionWaits()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        await speaker.SendAsync(new SpeakRequest { Heartbeat = new Heartbeat { Time = DateTime.UtcNow.ToTimestamp() } });

        var fault = await Assert.ThrowsAsync<RpcException>(() => speaker.WaitForAsync(_ => false));
        var session = await _gateway.Sessions.GetSessionAsync(new GetSessionRequest { SessionId = speaker.Opened.SessionId });

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(ErrorReason.HeartbeatTimeout, failure.Reason);
        Assert.Equal(SessionState.Detached, session.Session.State);
    }

    [Fact]
    public async Task Speak_PersonWithoutHeartbeats_IsLeftInPeace()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        int heartbeats = 0;

        await speaker.WaitForAsync(r => r.Heartbeat is not null && ++heartbeats == 20);

        await speaker.SayAsync(Speech.Create(16000, 800));
        await speaker.WaitForAsync(r => r.Payload?.TurnEnded is not null);
    }
}
