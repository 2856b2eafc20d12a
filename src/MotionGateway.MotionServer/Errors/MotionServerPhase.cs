namespace MotionGateway.MotionServer;

/// <summary>What was going on with the Motion Server when something failed.</summary>
public enum MotionServerPhase
{
    /// <summary>A session token was being fetched (<c>session_token</c>).</summary>
    SessionToken = 0,
    /// <summary>The WebSocket was being opened (<c>websocket_connect</c>).</summary>
    WebSocketConnect = 1,
    /// <summary>The audio format was being agreed on (<c>websocket_handshake</c>).</summary>
    WebSocketHandshake = 2,
    /// <summary>The connection was established (<c>websocket_runtime</c>).</summary>
    WebSocketRuntime = 3,
    /// <summary>A message was being sent on an established connection (<c>websocket_send</c>).</summary>
    WebSocketSend = 4,
}
