namespace MotionGateway.LocalMotion.Faults;

/// <summary>Where a fault strikes.</summary>
public enum FaultStage
{
    /// <summary>At the token endpoint; chosen by API key.</summary>
    Token = 0,

    /// <summary>At the WebSocket upgrade; chosen by avatar id, as all that follow.</summary>
    Upgrade = 1,

    /// <summary>In place of the answer to the client's configuration.</summary>
    Handshake = 2,

    /// <summary>While motion is sent.</summary>
    Turn = 3,
}
