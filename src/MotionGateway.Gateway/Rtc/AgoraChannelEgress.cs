using System.Security.Cryptography;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>A channel of Agora.</summary>
internal sealed class AgoraChannelEgress(Egress room, AgoraCredentials credentials, TimeSpan lifetime, TimeProvider timeProvider)
    : RoomEgress(room, lifetime, timeProvider)
{
    private const int MaxSalt = 99_999_999;

    public override MotionEgress Create() =>
        new AgoraEgress(Room.Agora.Channel, $"{Room.Agora.Uid}", Mint(Room.Agora.Uid, RoomRole.Publisher, Now, Lifetime)) { Uid = Room.Agora.Uid };

    /// <summary>A number for somebody in a channel: where two had the same, one would put the other out of it.</summary>
    /// <param name="taken">One that is taken; 0: none.</param>
    public static uint CreateUid(uint taken = 0)
    {
        uint uid;
        do
        {
            uid = (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue);
        }
        while (uid == taken);

        return uid;
    }

    protected override CreateJoinTokenResponse CreateJoin(string viewerId, RoomRole role, DateTimeOffset now, TimeSpan lifetime)
    {
        uint uid = CreateUid(taken: Room.Agora.Uid);
        return new CreateJoinTokenResponse
        {
            Agora = new AgoraJoin
            {
                AppId = credentials.AppId,
                Channel = Room.Agora.Channel,
                Token = Mint(uid, role, now, lifetime),
                Uid = uid,
                PublisherUid = Room.Agora.Uid,
            },
        };
    }

    private string Mint(uint uid, RoomRole role, DateTimeOffset now, TimeSpan lifetime) => AgoraToken.Create(
        credentials, Room.Agora.Channel, uid, role, now, lifetime, (uint)RandomNumberGenerator.GetInt32(1, MaxSalt + 1));
}
