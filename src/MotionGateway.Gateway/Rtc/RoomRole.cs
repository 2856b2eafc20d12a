namespace MotionGateway.Gateway;

/// <summary>What a room token lets its holder do.</summary>
internal enum RoomRole
{
    /// <summary>Sees and hears.</summary>
    Viewer,

    /// <summary>Sees and hears, and speaks by microphone and data.</summary>
    TalkingViewer,

    /// <summary>Sends the avatar's speech and motion.</summary>
    Publisher,
}
