using System.Collections.Frozen;
using Google.Protobuf.Reflection;
using Grpc.Core;
using MotionGateway.V1;
using static MotionGateway.Protocol.RetryClass;
using static MotionGateway.V1.ErrorReason;

namespace MotionGateway.Protocol;

/// <summary>
/// The one table from reasons to gRPC status, WebSocket close code and retry class. docs/protocol.md shows it to people.
/// </summary>
public static class ErrorTable
{
    private const string ReasonPrefix = "ERROR_REASON_";

    /// <summary>Every reason, in the order of its number.</summary>
    public static IReadOnlyList<ErrorRow> Rows { get; } =
    [
        new(Unspecified, StatusCode.OK, Never),

        new(InvalidRequest, StatusCode.InvalidArgument, Never),
        new(SessionNotOpen, StatusCode.FailedPrecondition, Never),
        new(UnsupportedSampleRate, StatusCode.InvalidArgument, Never),
        new(AudioFormatMismatch, StatusCode.InvalidArgument, Never),
        new(ChunkTooLarge, StatusCode.InvalidArgument, Never),
        new(AudioCreditExceeded, StatusCode.ResourceExhausted, Never),
        new(TurnTooLong, StatusCode.InvalidArgument, Never),
        new(MalformedRequest, StatusCode.InvalidArgument, Never),
        new(TooManyTurns, StatusCode.ResourceExhausted, Backoff),
        new(TurnAbandoned, StatusCode.Aborted, Never),
        new(NoEgress, StatusCode.FailedPrecondition, Never),

        new(SessionNotFound, StatusCode.NotFound, Never),
        new(SessionClosed, StatusCode.FailedPrecondition, Never),
        new(ResumeTokenInvalid, StatusCode.PermissionDenied, Never),
        new(Superseded, StatusCode.Aborted, Never),
        new(ViewerTokenInvalid, StatusCode.Unauthenticated, Never),
        new(NotPermitted, StatusCode.PermissionDenied, Never),
        new(AppNotFound, StatusCode.PermissionDenied, Never),
        new(ViewerTokenExpired, StatusCode.Unauthenticated, Never),
        new(CredentialInvalid, StatusCode.Unauthenticated, Never),

        // The same position never comes back: the reader starts anew at the current turn.
        new(EpochChanged, StatusCode.OutOfRange, Never),
        new(SequenceExpired, StatusCode.OutOfRange, Never),
        new(PositionAhead, StatusCode.OutOfRange, Never),
        new(ReaderTooSlow, StatusCode.Aborted, AtOnce),
        new(HeartbeatTimeout, StatusCode.Unavailable, AtOnce),

        new(SessionLimit, StatusCode.ResourceExhausted, Later),
        new(ReaderLimit, StatusCode.ResourceExhausted, Later),
        new(ShuttingDown, StatusCode.Unavailable, Backoff),
        new(GatewayUnavailable, StatusCode.Unavailable, Backoff),
        new(SpeakerLost, StatusCode.Aborted, Never),
        new(Internal, StatusCode.Internal, Backoff),
        new(MemoryLimit, StatusCode.ResourceExhausted, Later),
        new(CallerLimit, StatusCode.ResourceExhausted, Later),
        new(AppLimit, StatusCode.ResourceExhausted, Later),

        new(MotionTimeout, StatusCode.Unavailable, Backoff),
        new(MotionIncomplete, StatusCode.Unavailable, Backoff),
        new(MotionServerSessionTokenExpired, StatusCode.Unavailable, AtOnce),
        new(MotionServerSessionTokenInvalid, StatusCode.FailedPrecondition, Never),
        new(MotionServerAppIdUnrecognized, StatusCode.FailedPrecondition, Never),
        new(MotionServerAppIdMismatch, StatusCode.FailedPrecondition, Never),
        new(MotionServerAvatarNotFound, StatusCode.NotFound, Never),
        new(MotionServerBillingRequired, StatusCode.FailedPrecondition, Never),
        new(MotionServerCreditsExhausted, StatusCode.ResourceExhausted, Never),
        new(MotionServerSessionDurationExceeded, StatusCode.Unavailable, AtOnce),
        new(MotionServerConcurrencyLimit, StatusCode.ResourceExhausted, Later),
        new(MotionServerUnsupportedSampleRate, StatusCode.InvalidArgument, Never),
        new(MotionServerInvalidEgressConfig, StatusCode.InvalidArgument, Never),
        new(MotionServerEgressUnavailable, StatusCode.Unavailable, Backoff),
        new(MotionServerIdleTimeout, StatusCode.Unavailable, AtOnce),
        new(MotionServerUpstreamError, StatusCode.Unavailable, Backoff),
        new(MotionServerInvalidRequest, StatusCode.FailedPrecondition, Never),
        new(MotionServerConnectionFailed, StatusCode.Unavailable, Backoff),
        new(MotionServerConnectionClosed, StatusCode.Unavailable, Backoff),
        new(MotionServerProtocolError, StatusCode.Internal, Never),
        new(MotionServerServerError, StatusCode.Unavailable, Backoff),
        new(MotionServerUnknown, StatusCode.Unknown, Backoff),
    ];

    private static readonly FrozenDictionary<ErrorReason, ErrorRow> ByReason = Rows.ToFrozenDictionary(row => row.Reason);

    private static readonly FrozenDictionary<ErrorReason, string> Names = ErrorReflection.Descriptor
        .FindTypeByName<EnumDescriptor>("ErrorReason").Values
        .ToFrozenDictionary(value => (ErrorReason)value.Number, value => value.Name[ReasonPrefix.Length..]);

    private static readonly FrozenDictionary<string, ErrorReason> Reasons =
        Names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>The row of a reason; of one that this version does not know, the row of an internal error.</summary>
    /// <param name="reason">The reason.</param>
    public static ErrorRow Get(ErrorReason reason) =>
        ByReason.TryGetValue(reason, out var row) ? row : ByReason[ErrorReason.Internal];

    /// <summary>The reason's public name, such as <c>VIEWER_TOKEN_INVALID</c>; its number where this version does not know it.</summary>
    /// <param name="reason">The reason.</param>
    public static string GetName(ErrorReason reason) => Names.TryGetValue(reason, out string? name) ? name : $"{(int)reason}";

    /// <summary>Finds a reason by its public name.</summary>
    /// <param name="name">The name, such as <c>VIEWER_TOKEN_INVALID</c>.</param>
    /// <param name="reason">The reason.</param>
    /// <returns>False when this version knows no such reason.</returns>
    public static bool TryGetReason(string name, out ErrorReason reason) => Reasons.TryGetValue(name, out reason);
}
