using Grpc.Core;
using Grpc.Health.V1;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace MotionGateway.Gateway.Tests;

/// <summary>The Motion Server cannot be reached: the gateway stays in service, says what is wrong, and refuses new sessions at once.</summary>
public sealed class MotionServerOutageTests
{
    private const string SpeechService = "motiongateway.v1.SpeechService";
    private const int Failures = 3;

    [Fact]
    public async Task Outage_WhileASessionSpeaks_ItGoesOnAndNewOnesAreRefusedWithATimeToWait()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
            (options.MotionServerOutage.Failures, options.MotionServerOutage.Pause) = (Failures, TimeSpan.FromMinutes(10)));
        gateway.Log.Expect(entry => entry.Message.StartsWith("The Motion Server cannot be reached", StringComparison.Ordinal));
        var health = new Health.HealthClient(gateway.Channel);
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        await speaker.SendAudioAsync(Speech.Create(16000, 16000), "one");
        Assert.Equal(
            (ServingStatus.Serving, ServingStatus.Serving, ServingStatus.Serving),
            (await AskAsync(health, ""), await AskAsync(health, SpeechService), await AskAsync(health, "motion-server")));

        await gateway.MotionServer.DisposeAsync();
        for (int i = 0; i < Failures; i++)
        {
            await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech));
        }

        var refusal = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech));
        await speaker.EndTurnAsync("one");
        var ended = await speaker.TurnEndedAsync("one");

        Assert.Equal(StatusCode.Unavailable, refusal.StatusCode);
        Assert.True(RpcErrors.TryRead(refusal, out var failure), refusal.ToString());
        Assert.Equal(ErrorReason.MotionServerConnectionFailed, failure.Reason);
        Assert.InRange(failure.EffectiveRetryAfter ?? TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10));
        Assert.Contains(ended.Outcome, (TurnOutcome[])[TurnOutcome.AudioOnly, TurnOutcome.Completed]);
        Assert.Equal(
            (ServingStatus.Serving, ServingStatus.NotServing, ServingStatus.NotServing),
            (await AskAsync(health, ""), await AskAsync(health, SpeechService), await AskAsync(health, "motion-server")));
    }

    [Fact]
    public async Task Full_TheGatewayIsTheReason_TheMotionServerIsWell()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.MaxSessions = 1);
        var health = new Health.HealthClient(gateway.Channel);
        using var speaker = await Speaker.OpenAsync(gateway.Speech);

        await Eventually.EqualAsync(ServingStatus.NotServing, () => health.Check(new HealthCheckRequest()).Status);
        Assert.Equal((ServingStatus.NotServing, ServingStatus.Serving), (await AskAsync(health, SpeechService), await AskAsync(health, "motion-server")));
    }

    private static async Task<ServingStatus> AskAsync(Health.HealthClient health, string service) =>
        (await health.CheckAsync(new HealthCheckRequest { Service = service })).Status;
}
