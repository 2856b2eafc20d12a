using Grpc.Core;
using Grpc.Health.V1;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>How many sessions and how much of their media a gateway takes.</summary>
public sealed class AdmissionTests
{
    private const int Places = 5;

    [Fact]
    public async Task MaxSessions_ManyWhoComeAtOnce_OnlySoManyGetAPlace()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.MaxSessions = Places);

        var all = await Task.WhenAll(Enumerable.Range(0, 4 * Places).Select(_ => TryOpenAsync(gateway)));

        var refused = all.Where(one => one.Fault is not null).ToList();
        Assert.Equal(3 * Places, refused.Count);
        Assert.All(refused, one => AssertRefused(one.Fault!, ErrorReason.SessionLimit));
        Assert.Equal(Places, gateway.Sessions.ListSessions(new ListSessionsRequest()).Sessions.Count);
        all.ToList().ForEach(one => one.Speaker?.Dispose());
    }

    [Fact]
    public async Task MaxSessions_AClosedSession_LeavesItsPlaceAtOnceAndItsLogToBeRead()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.MaxSessions = 1);
        var health = new Health.HealthClient(gateway.Channel);
        for (int i = 0; i < 3; i++)
        {
            using var speaker = await Speaker.OpenAsync(gateway.Speech);
            await StatusAsync(health, HealthCheckResponse.Types.ServingStatus.NotServing);
            await speaker.SendAsync(new SpeakRequest { Close = new CloseSession() });
            await speaker.WaitForEndAsync();
            await StatusAsync(health, HealthCheckResponse.Types.ServingStatus.Serving);
            using var reader = await FeedReader.OpenAsync(gateway.Feed, speaker.SessionId);
            Assert.NotNull((await reader.ReadToEndAsync())[^1].Payload.SessionEnded);
        }
    }

    [Fact]
    public async Task MaxSessions_ASessionThatTheMotionServerRefused_LeavesItsPlace()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.MaxSessions = 1);
        await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech, open => open.AvatarId = "missing-avatar"));
        await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech, open => open.AvatarId = ""));

        using var speaker = await Speaker.OpenAsync(gateway.Speech);

        Assert.NotEmpty(speaker.SessionId);
    }

    [Fact]
    public async Task MaxTotalBytes_WhenItIsUsedUp_NewSessionsAreRefusedAndTheOthersGoOn()
    {
        const int chunk = 3_500_000;
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.MaxTotalBytes = 16 * 1024 * 1024);
        var speakers = new List<Speaker>();
        RpcException? fault;
        while (true)
        {
            (var speaker, fault) = await TryOpenAsync(gateway);
            if (speaker is null)
            {
                break;
            }

            speakers.Add(speaker);
            await speaker.SendAudioAsync(new byte[chunk], "long");
            await Eventually.TrueAsync(() => gateway.Host.HeldBytes >= speakers.Count * (long)chunk * 9 / 10);
        }

        AssertRefused(fault!, ErrorReason.MemoryLimit);

        // Speech, and the motion that was made of it: half as much again at the most, so that it is the fourth or a later one.
        Assert.InRange(speakers.Count, 4, 5);
        Assert.InRange(gateway.Host.HeldBytes, 0, 5L * chunk * 3 / 2);

        // Less credit is given, never none; what was begun goes on.
        using var resumed = await speakers[0].ResumeAsync(gateway.Speech);
        Assert.Equal(2 * 16000, resumed.Opened.Limits.AudioCreditBytes);
        await resumed.InterruptAsync();
        await resumed.SayAsync(Speech.Create(16000, 800), "next");
        Assert.Equal(TurnOutcome.Completed, (await resumed.TurnEndedAsync("next")).Outcome);
        foreach (var speaker in speakers.Skip(1))
        {
            await gateway.Sessions.CloseSessionAsync(new CloseSessionRequest { SessionId = speaker.SessionId });
        }

        speakers.ForEach(speaker => speaker.Dispose());
        using var another = await Speaker.OpenAsync(gateway.Speech);
        Assert.NotEmpty(another.SessionId);
    }

    [Fact]
    public async Task HeldBytes_WhenAllSessionsAreOver_AreNone()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            options => options.Limits = options.Limits with { ClosedRetention = TimeSpan.Zero });
        for (int i = 0; i < 3; i++)
        {
            using var speaker = await Speaker.OpenAsync(gateway.Speech);
            await speaker.SayAsync(Speech.Create(16000, 16_000 * 20), "long", 64_000);
            await speaker.WaitForAsync(response => response.Payload?.Motion is not null);
            await speaker.SendAsync(new SpeakRequest { Close = new CloseSession() });
            await speaker.WaitForEndAsync();
        }

        await Eventually.EqualAsync(0, () => gateway.Host.HeldBytes);
        Assert.Empty(gateway.Sessions.ListSessions(new ListSessionsRequest()).Sessions);
    }

    // A closed session's connection is not paid for any longer.
    [Fact]
    public async Task AClosedSession_LetsItsMotionServerConnectionGoAtOnce()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        Assert.Equal(1, gateway.MotionServer.Counters.ConnectionsOpen);

        await gateway.Sessions.CloseSessionAsync(new CloseSessionRequest { SessionId = speaker.SessionId });
        await Eventually.EqualAsync(0, () => gateway.MotionServer.Counters.ConnectionsOpen);

        Assert.Equal(SessionState.Closed, (await gateway.GetSessionAsync(speaker.SessionId)).State);
    }

    private static Task StatusAsync(Health.HealthClient health, HealthCheckResponse.Types.ServingStatus status) =>
        Eventually.EqualAsync(status, () => health.Check(new HealthCheckRequest()).Status);

    private static async Task<(Speaker? Speaker, RpcException? Fault)> TryOpenAsync(GatewayUnderTest gateway)
    {
        try
        {
            return (await Speaker.OpenAsync(gateway.Speech), null);
        }
        catch (RpcException fault)
        {
            return (null, fault);
        }
    }

    private static void AssertRefused(RpcException fault, ErrorReason reason)
    {
        Assert.Equal(StatusCode.ResourceExhausted, fault.StatusCode);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(reason, failure.Reason);
        Assert.True(failure.RetryAfter > TimeSpan.Zero);
    }
}
