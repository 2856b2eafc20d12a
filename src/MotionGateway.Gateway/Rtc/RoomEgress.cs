using Google.Protobuf.WellKnownTypes;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>The room that one session is published into, with the credentials that open it.</summary>
internal abstract class RoomEgress(Egress room, TimeSpan lifetime, TimeProvider timeProvider) : ISessionEgress
{
    /// <inheritdoc/>
    public Egress Room { get; } = room;

    /// <inheritdoc/>
    public TimeSpan Lifetime { get; } = lifetime;

    protected DateTimeOffset Now => timeProvider.GetUtcNow();

    /// <inheritdoc/>
    public abstract MotionEgress Create();

    /// <summary>Makes a viewer's token.</summary>
    /// <param name="viewerId">The viewer.</param>
    /// <param name="mayTalk">Whether it may send into the room.</param>
    /// <param name="lifetime">How long the token is good; at least a second.</param>
    /// <exception cref="GatewayException">The viewer has the avatar's name.</exception>
    public CreateJoinTokenResponse CreateJoin(string viewerId, bool mayTalk, TimeSpan lifetime)
    {
        // Tokens count in whole seconds.
        var now = DateTimeOffset.FromUnixTimeSeconds(Now.ToUnixTimeSeconds());
        var whole = TimeSpan.FromSeconds((long)lifetime.TotalSeconds);
        var join = CreateJoin(viewerId, mayTalk ? RoomRole.TalkingViewer : RoomRole.Viewer, now, whole);
        join.ViewerId = viewerId;
        join.ExpireTime = Timestamp.FromDateTimeOffset(now + whole);
        return join;
    }

    protected abstract CreateJoinTokenResponse CreateJoin(string viewerId, RoomRole role, DateTimeOffset now, TimeSpan lifetime);
}
