using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>What a client of any feed has been told.</summary>
/// <param name="Sign">What it is.</param>
/// <param name="TurnId">The turn; empty where the feed does not name turns, and where it is of none.</param>
internal sealed record FeedEvent(FeedSign Sign, string TurnId = "")
{
    /// <summary>Of audio PCM, of motion the Motion Server's envelope.</summary>
    public byte[] Data { get; init; } = [];

    /// <summary>With a failure, and with the session's end.</summary>
    public ErrorReason Reason { get; init; }

    /// <summary>With what was skipped.</summary>
    public SkipReason SkipReason { get; init; }

    /// <summary>Of a token.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Reads a response of a feed of this project's own.</summary>
    public static FeedEvent From(SubscribeResponse response) => response.ResponseCase switch
    {
        SubscribeResponse.ResponseOneofCase.Started => new(FeedSign.Opened),
        SubscribeResponse.ResponseOneofCase.Payload => From(response.Payload),
        SubscribeResponse.ResponseOneofCase.Skipped => new(FeedSign.Skipped) { SkipReason = response.Skipped.Reason },
        SubscribeResponse.ResponseOneofCase.GatewayAway => new(FeedSign.GatewayAway),
        SubscribeResponse.ResponseOneofCase.GatewayBack => new(FeedSign.GatewayBack),
        SubscribeResponse.ResponseOneofCase.GoingAway => new(FeedSign.GoingAway),
        SubscribeResponse.ResponseOneofCase.TokenExpiring =>
            new(FeedSign.TokenExpiring) { ExpiresAt = response.TokenExpiring.ExpiresAt.ToDateTimeOffset() },
        SubscribeResponse.ResponseOneofCase.TokenRenewed =>
            new(FeedSign.TokenRenewed) { ExpiresAt = response.TokenRenewed.ExpiresAt.ToDateTimeOffset() },
        SubscribeResponse.ResponseOneofCase.Failure => new(FeedSign.Failed) { Reason = response.Failure.Reason },
        _ => new(FeedSign.Other),
    };

    private static FeedEvent From(Payload payload) => payload.ContentCase switch
    {
        Payload.ContentOneofCase.TurnStarted => new(FeedSign.TurnStarted, payload.TurnId),
        Payload.ContentOneofCase.Audio => new(FeedSign.Audio, payload.TurnId) { Data = payload.Audio.Data.ToByteArray() },
        Payload.ContentOneofCase.Motion => new(FeedSign.Motion, payload.TurnId) { Data = payload.Motion.Envelope.ToByteArray() },
        Payload.ContentOneofCase.TurnSealed => new(FeedSign.TurnComplete, payload.TurnId),
        Payload.ContentOneofCase.TurnEnded =>
            new(payload.TurnEnded.Outcome == TurnOutcome.Interrupted ? FeedSign.Interrupted : FeedSign.TurnEnded, payload.TurnId),
        Payload.ContentOneofCase.SessionEnded => new(FeedSign.SessionEnded) { Reason = payload.SessionEnded.Error },
        _ => new(FeedSign.Other),
    };
}
