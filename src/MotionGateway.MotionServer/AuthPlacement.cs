namespace MotionGateway.MotionServer;

/// <summary>Where the App ID and the session token travel when the WebSocket is opened.</summary>
public enum AuthPlacement
{
    /// <summary>In the headers <c>X-App-ID</c> and <c>X-Session-Key</c>; proxies rarely log them.</summary>
    Headers = 0,
    /// <summary>In the query parameters <c>appId</c> and <c>sessionKey</c>, for peers that see no headers.</summary>
    Query = 1,
}
