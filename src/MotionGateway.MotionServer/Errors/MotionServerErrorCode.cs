namespace MotionGateway.MotionServer;

/// <summary>
/// What went wrong with the Motion Server, as a code that stays the same however the server words it. <see cref="MotionServerNames.ToStableName(MotionServerErrorCode)"/>
/// gives the form for logs and metrics.
/// </summary>
public enum MotionServerErrorCode
{
    /// <summary>Nothing more is known.</summary>
    Unknown = 0,
    /// <summary>The session token had expired.</summary>
    SessionTokenExpired = 1,
    /// <summary>The session token was not accepted; where tokens are fetched, the API key.</summary>
    SessionTokenInvalid = 2,
    /// <summary>The service does not know the App ID.</summary>
    AppIdUnrecognized = 3,
    /// <summary>The session token belongs to another App ID.</summary>
    AppIdMismatch = 4,
    /// <summary>The app has no such avatar.</summary>
    AvatarNotFound = 5,
    /// <summary>The account must be paid for first.</summary>
    BillingRequired = 6,
    /// <summary>The account's credits are used up.</summary>
    CreditsExhausted = 7,
    /// <summary>The connection reached the service's limit on duration; expected, open another.</summary>
    SessionDurationExceeded = 8,
    /// <summary>The account has as many connections as it may, or asks too often.</summary>
    ConcurrencyLimit = 9,
    /// <summary>The service does not take that sample rate.</summary>
    UnsupportedSampleRate = 10,
    /// <summary>The egress configuration was refused, its credentials included.</summary>
    InvalidEgressConfig = 11,
    /// <summary>The service cannot publish to the room at present.</summary>
    EgressUnavailable = 12,
    /// <summary>No audio came for longer than the service waits.</summary>
    IdleTimeout = 13,
    /// <summary>A service behind the Motion Server failed.</summary>
    UpstreamError = 14,
    /// <summary>The service refused what was asked.</summary>
    InvalidRequest = 15,
    /// <summary>No connection came about: name, network, TLS or a time limit.</summary>
    ConnectionFailed = 16,
    /// <summary>An established connection ended, other than normally.</summary>
    ConnectionClosed = 17,
    /// <summary>A side broke the protocol.</summary>
    ProtocolError = 18,
    /// <summary>The service failed and did not say more.</summary>
    ServerError = 19,
    /// <summary>This side gave the connection up, since more motion had come than it may hold and nobody read it. Of this library alone.</summary>
    ReaderTooSlow = 20,
    /// <summary>Motion that was due did not come in time (<see cref="MotionServerOptions.MotionTimeout"/>). Of this library alone.</summary>
    MotionTimeout = 21,
}
