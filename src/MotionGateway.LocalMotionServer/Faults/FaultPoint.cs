namespace MotionGateway.LocalMotion.Faults;

/// <summary>When a fault strikes. In names they are written in small letters, with hyphens between words: <c>@first-audio</c>.</summary>
public enum FaultPoint
{
    /// <summary>When a session token is asked for; chosen by API key.</summary>
    Token = 0,

    /// <summary>At the WebSocket upgrade; chosen by avatar id, as all that follow.</summary>
    Upgrade = 1,

    /// <summary>In place of the confirmation.</summary>
    Handshake = 2,

    /// <summary>At any time, which is as soon as the session is confirmed, whatever the client then does.</summary>
    Any = 3,

    /// <summary>At the first audio of the connection's first turn, before its motion.</summary>
    FirstAudio = 4,

    /// <summary>After the first motion message of the connection's first turn, which has a second one.</summary>
    Motion = 5,

    /// <summary>After the last motion message of the connection's first turn.</summary>
    End = 6,

    /// <summary>At the first audio of a second request, while the first has not had all of its motion.</summary>
    TwoRequests = 7,
}
