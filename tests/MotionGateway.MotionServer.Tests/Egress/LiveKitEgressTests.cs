using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer.Tests.Egress;

public sealed class LiveKitEgressTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(90_000)]
    [InlineData(int.MaxValue * 1000L)]
    public void IdleTimeout_WholeSeconds_IsSentAsItIs(long milliseconds)
    {
        ClientConfigureSession configuration = new();
        Create(TimeSpan.FromMilliseconds(milliseconds)).WriteTo(configuration);

        Assert.Equal(milliseconds / 1000, configuration.LivekitEgress.IdleTimeout);
    }

    [Theory]
    [InlineData(-1000)]
    [InlineData(1)]
    [InlineData(900)]
    [InlineData(1500)]
    [InlineData((int.MaxValue + 1L) * 1000)]
    public void IdleTimeout_ThatTheServiceCannotBeTold_IsRefused(long milliseconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(TimeSpan.FromMilliseconds(milliseconds)));

    private static LiveKitEgress Create(TimeSpan idleTimeout) =>
        new(new Uri("wss://rtc.example.com"), "room", "avatar", "token") { IdleTimeout = idleTimeout };
}
