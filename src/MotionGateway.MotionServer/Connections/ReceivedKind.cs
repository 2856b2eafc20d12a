namespace MotionGateway.MotionServer;

/// <summary>What came over the WebSocket.</summary>
internal enum ReceivedKind
{
    /// <summary>A whole binary message.</summary>
    Binary,

    /// <summary>A whole text message.</summary>
    Text,

    /// <summary>The peer's close; its code and reason are the socket's.</summary>
    Close,

    /// <summary>A message that is longer than allowed; the rest of it was not read.</summary>
    TooLarge,
}
