using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>A room of LiveKit.</summary>
internal sealed class LiveKitRoomEgress(Egress room, LiveKitCredentials credentials, IReadOnlyDictionary<string, string> attributes, TimeSpan lifetime,
    TimeProvider timeProvider)
    : RoomEgress(room, lifetime, timeProvider)
{
    public override MotionEgress Create()
    {
        var livekit = Room.Livekit;
        var now = Now;
        string token = LiveKitToken.Create(credentials, livekit.Room, livekit.Publisher, RoomRole.Publisher, now, now + Lifetime);
        return new LiveKitEgress(new Uri(credentials.Url), livekit.Room, livekit.Publisher, token)
        {
            IdleTimeout = TimeSpan.FromSeconds(livekit.IdleTimeoutSeconds),
            ExtraAttributes = attributes,
        };
    }

    protected override CreateJoinTokenResponse CreateJoin(string viewerId, RoomRole role, DateTimeOffset now, TimeSpan lifetime)
    {
        if (viewerId == Room.Livekit.Publisher)
        {
            throw Requests.Invalid("viewer_id", "The avatar has this name in the room, and would be put out of it: choose another.");
        }

        return new CreateJoinTokenResponse
        {
            Livekit = new LiveKitJoin
            {
                Url = credentials.Url,
                Token = LiveKitToken.Create(credentials, Room.Livekit.Room, viewerId, role, now, now + lifetime),
                RoomName = Room.Livekit.Room,
                Publisher = Room.Livekit.Publisher,
            },
        };
    }
}
