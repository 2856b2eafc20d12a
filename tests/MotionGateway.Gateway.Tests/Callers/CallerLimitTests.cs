using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>What one caller may take up of a gateway.</summary>
public sealed class CallerLimitTests : IDisposable
{
    private readonly CallerKeys _keys = new();

    public void Dispose() => _keys.Dispose();

    [Fact]
    public async Task Open_BeyondTheCallersSessions_IsRefusedUntilOneIsClosed_AndNobodyElseIs()
    {
        string agent = _keys.Create("agent", limits: new CallerLimits { MaxSessions = 2 });
        string another = _keys.Create("another");
        await using var gateway = await StartAsync();
        using var first = await OpenAsync(gateway, agent);
        using var second = await OpenAsync(gateway, agent);

        var refusal = await RefusalAsync(gateway, agent);
        using var others = await OpenAsync(gateway, another);
        await first.SendAsync(new SpeakRequest { Close = new CloseSession() });
        await first.WaitForEndAsync();
        using var third = await OpenAsync(gateway, agent);

        Assert.Equal((ErrorReason.CallerLimit, true), (refusal.Reason, refusal.RetryAfter > TimeSpan.Zero));
        Assert.Equal(ErrorReason.CallerLimit, (await RefusalAsync(gateway, agent)).Reason);
    }

    [Fact]
    public async Task Open_ThatFails_TakesNoPlace()
    {
        string agent = _keys.Create("agent", limits: new CallerLimits { MaxSessions = 1 });
        await using var gateway = await StartAsync();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ErrorReason.UnsupportedSampleRate, (await RefusalAsync(gateway, agent, open => open.AudioFormat.SampleRate = 7)).Reason);
        }

        using var speaker = await OpenAsync(gateway, agent);
    }

    // So seldom that no second passes while this runs.
    [Fact]
    public async Task Open_FasterThanTheCallerMay_IsRefusedWithTheTimeToWait()
    {
        string agent = _keys.Create("agent");
        await using var gateway = await StartAsync(new CallerLimits { OpensPerSecond = 0.0001 });
        using var first = await OpenAsync(gateway, agent);
        var refusal = await RefusalAsync(gateway, agent);

        Assert.Equal(ErrorReason.CallerLimit, refusal.Reason);
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromSeconds(9000), TimeSpan.FromSeconds(10_000));
    }

    private Task<GatewayUnderTest> StartAsync(CallerLimits? defaults = null) => GatewayUnderTest.StartAsync(
        options => options.Callers = new CallersOptions { ApiKeysFile = _keys.Path, DefaultLimits = defaults ?? new() });

    private static Task<Speaker> OpenAsync(GatewayUnderTest gateway, string key, Action<OpenSession>? configure = null) =>
        Speaker.OpenAsync(new SpeechService.SpeechServiceClient(GatewayCalls.As(gateway.Channel, key)), configure);

    private static async Task<Failure> RefusalAsync(GatewayUnderTest gateway, string key, Action<OpenSession>? configure = null)
    {
        var fault = await Assert.ThrowsAsync<RpcException>(() => OpenAsync(gateway, key, configure));
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        return failure;
    }
}
