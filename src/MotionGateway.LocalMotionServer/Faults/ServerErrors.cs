using System.Globalization;
using MotionGateway.LocalMotion.Ingress;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>An error as the service words it.</summary>
/// <param name="Name">Its part of a fault's name.</param>
/// <param name="Code">The code of the <c>ServerError</c>.</param>
/// <param name="Text">Its message.</param>
/// <param name="CloseCode">The close that follows.</param>
/// <param name="Verdict">What it means.</param>
internal sealed record ServerErrorKind(string Name, int Code, string Text, int CloseCode, Verdict Verdict)
{
    public Ending Ending(string requestId) => new(Refusals.Error(Code, Text, requestId), CloseCode, CloseCode == Closes.NoCode ? "" : Text);
}

/// <summary>The service's errors: some are told by their code, and others by their text, which come with a code that says nothing by itself.</summary>
internal static class ServerErrors
{
    private const int AtFault = Refusals.CloseRequestAtFault;
    private const int AuthFailed = 4010;
    private const int TryAgain = 4500;
    private const int UpstreamGone = 4503;
    private const int Normal = 1000;

    /// <summary>By code. Those from 4000 on are close codes, and the same close follows; the others are gRPC's, of older deployments, and 0 is none.</summary>
    public static readonly IReadOnlyList<ServerErrorKind> ByCode =
    [
        OfCode(4503, "come again", UpstreamGone, Verdict.UpstreamError),
        OfCode(4010, "who is there", AuthFailed, Verdict.SessionTokenInvalid),
        OfCode(4003, "too many at once", 4003, Verdict.ConcurrencyLimit),
        OfCode(4002, "long enough", 4002, Verdict.SessionDurationExceeded),
        OfCode(4001, "nothing left", 4001, Verdict.CreditsExhausted),
        OfCode(16, "the credentials are not accepted", AuthFailed, Verdict.InvalidEgressConfig),
        OfCode(14, "nobody there", UpstreamGone, Verdict.EgressUnavailable),
        OfCode(13, "something broke", TryAgain, Verdict.ServerError),
        OfCode(3, "the request cannot be used", AtFault, Verdict.InvalidRequest),
        OfCode(0, "something happened", Closes.NoCode, Verdict.ServerError),
    ];

    /// <summary>By texts that may refuse an upgrade too.</summary>
    private static readonly ServerErrorKind[] ByTextEverywhere =
    [
        OfText("credits-exhausted", "credits exhausted", 4001, Verdict.CreditsExhausted),
        OfText("session-time-limit", "session time limit reached", 4002, Verdict.SessionDurationExceeded),
        OfText("session-duration", "maximum session duration exceeded", 4002, Verdict.SessionDurationExceeded),
        OfText("session-denied", "session denied: payment is due", AtFault, Verdict.BillingRequired),
        OfText("invalid-token", "invalid session token", AuthFailed, Verdict.SessionTokenInvalid),
        OfText("empty-token", "empty token", AuthFailed, Verdict.SessionTokenInvalid),
        OfText("token-is-expired", "token is expired", AuthFailed, Verdict.SessionTokenExpired),
        OfText("token-expired", "session token expired", AuthFailed, Verdict.SessionTokenExpired),
        OfText("app-mismatch", "app id mismatch", AtFault, Verdict.AppIdMismatch),
        OfText("app-unrecognized", "app id unrecognized", AtFault, Verdict.AppIdUnrecognized),
        OfText("app-in-one-word", "appIDUnrecognized", AtFault, Verdict.AppIdUnrecognized),
        OfText("avatar", "avatar not found", AtFault, Verdict.AvatarNotFound),
        OfText("sample-rate", "unsupported sample rate 11025", AtFault, Verdict.UnsupportedSampleRate),
    ];

    private static readonly ServerErrorKind[] ByTextInSession =
    [
        OfText("room-silence", "livekit silence timeout", Normal, Verdict.IdleTimeout),
        OfText("no-audio", "no audio input for 60 s", Normal, Verdict.IdleTimeout),
        OfText("livekit-config", "livekit_egress: url is empty", AtFault, Verdict.InvalidEgressConfig),
        OfText("agora-config", "agora_egress: channel_name is empty", AtFault, Verdict.InvalidEgressConfig),
        OfText("no-credentials", "missing livekit credentials", AtFault, Verdict.InvalidEgressConfig),
        OfText("half-credentials", "provide api_token or both api_key and api_secret", AtFault, Verdict.InvalidEgressConfig),
        OfText("unauthorized", "unauthorized", AtFault, Verdict.InvalidEgressConfig),
        OfText("no-egress", "egress client is not configured on server", UpstreamGone, Verdict.EgressUnavailable),
        OfText("egress-failed", "failed to create egress connection", UpstreamGone, Verdict.EgressUnavailable),
        OfText("driven-status", "driven server returned non-200 status code: 502", UpstreamGone, Verdict.UpstreamError),
        OfText("driven-failed", "driven server request failed", UpstreamGone, Verdict.UpstreamError),
        OfText("not-configured", "expected ClientConfigureSession message", AtFault, Verdict.ProtocolError),
        OfText("configuration-nil", "ClientConfigureSession message is nil", AtFault, Verdict.ProtocolError),
        OfText("message-type", "unexpected message type", AtFault, Verdict.ProtocolError),
        OfText("not-parsed", "failed to unmarshal initial message", AtFault, Verdict.ProtocolError),
        // The one text that goes before its code.
        new("argument-of-egress", Refusals.InvalidArgument, "the egress cannot be used", AtFault, Verdict.InvalidEgressConfig),
    ];

    public static IReadOnlyList<ServerErrorKind> ByText { get; } = [.. ByTextEverywhere, .. ByTextInSession];

    /// <summary>Those that an upgrade can be refused with, beside its status.</summary>
    public static IReadOnlyList<ServerErrorKind> OfUpgrades { get; } = [.. ByTextEverywhere, Find("4001"), Find("4002"), Find("4003")];

    public static ServerErrorKind Find(string name) => ByCode.Concat(ByTextEverywhere).Concat(ByTextInSession).Single(error => error.Name == name);

    private static ServerErrorKind OfCode(int code, string text, int closeCode, Verdict verdict) =>
        new(code.ToString(CultureInfo.InvariantCulture), code, text, closeCode, verdict);

    private static ServerErrorKind OfText(string name, string text, int closeCode, Verdict verdict) => new(name, Refusals.Internal, text, closeCode, verdict);
}
