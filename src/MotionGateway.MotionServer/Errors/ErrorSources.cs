namespace MotionGateway.MotionServer;

/// <summary>Where the server's word about a failure comes from. Rules apply to some sources only.</summary>
[Flags]
internal enum ErrorSources
{
    /// <summary>An HTTP answer to the request for a session token.</summary>
    TokenAnswer = 1,

    /// <summary>An HTTP answer that refuses the upgrade to a WebSocket.</summary>
    RefusedUpgrade = 2,

    /// <summary>A <c>ServerError</c> message, in the handshake or at run time.</summary>
    ServerError = 4,

    /// <summary>Every source.</summary>
    Any = TokenAnswer | RefusedUpgrade | ServerError,
}
