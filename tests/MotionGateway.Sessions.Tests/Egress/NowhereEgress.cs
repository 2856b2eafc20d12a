using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Egress;

/// <summary>A room that nobody is in.</summary>
internal sealed class NowhereEgress(EgressFallback fallback = EgressFallback.None) : ISessionEgress
{
    public static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);

    public V1.Egress Room { get; } = new() { Agora = new AgoraChannel { Channel = "nowhere", Uid = 1 }, Fallback = fallback };

    public TimeSpan Lifetime => TokenLifetime;

    public MotionEgress Create() => new AgoraEgress(Room.Agora.Channel, "1");
}
