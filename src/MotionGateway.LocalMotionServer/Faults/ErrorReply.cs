using System.Globalization;
using MotionGateway.LocalMotion.Ingress;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>
/// An error as the service words it. Clients look at the code first and at the text then, so most texts come with a code that says
/// nothing by itself.
/// </summary>
/// <param name="Slug">Its part of a fault's name.</param>
/// <param name="Code">The code of the <c>ServerError</c>.</param>
/// <param name="Text">Its message.</param>
/// <param name="CloseCode">The close that follows.</param>
/// <param name="Verdict">What it means.</param>
/// <param name="RefusesUpgrade">Whether the same code or text may refuse an upgrade.</param>
internal sealed record ErrorReply(string Slug, int Code, string Text, int CloseCode, Verdict Verdict, bool RefusesUpgrade = false)
{
    private const int AtFault = Refusals.CloseRequestAtFault;
    private const int TryAgain = 4500;
    private const int AuthFailed = 4010;
    private const int UpstreamGone = 4503;
    private const int Normal = 1000;

    public static readonly IReadOnlyList<ErrorReply> All =
    [
        new("3", 3, "the request cannot be used", AtFault, Verdict.InvalidRequest),
        new("3-egress", 3, "the egress cannot be used", AtFault, Verdict.InvalidEgressConfig),
        new("400", 400, "the request cannot be used", AtFault, Verdict.InvalidRequest),
        new("13", Refusals.Internal, "something broke", TryAgain, Verdict.ServerError),
        new("14", 14, "nobody there", UpstreamGone, Verdict.EgressUnavailable),
        new("16", 16, "the credentials are not accepted", AuthFailed, Verdict.InvalidEgressConfig),
        new("4001", 4001, "nothing left", 4001, Verdict.CreditsExhausted, RefusesUpgrade: true),
        new("4002", 4002, "long enough", 4002, Verdict.SessionDurationExceeded, RefusesUpgrade: true),
        new("4003", 4003, "too many at once", 4003, Verdict.ConcurrencyLimit, RefusesUpgrade: true),
        Of("credits-exhausted", "credits exhausted", 4001, Verdict.CreditsExhausted, refusesUpgrade: true),
        Of("session-time-limit", "session time limit reached", 4002, Verdict.SessionDurationExceeded, refusesUpgrade: true),
        Of("session-duration", "maximum session duration exceeded", 4002, Verdict.SessionDurationExceeded, refusesUpgrade: true),
        Of("session-denied", "session denied: payment is due", AtFault, Verdict.BillingRequired, refusesUpgrade: true),
        Of("invalid-token", "invalid session token", AuthFailed, Verdict.SessionTokenInvalid, refusesUpgrade: true),
        Of("empty-token", "empty token", AuthFailed, Verdict.SessionTokenInvalid, refusesUpgrade: true),
        Of("token-expired", "token is expired", AuthFailed, Verdict.SessionTokenExpired, refusesUpgrade: true),
        Of("session-token-expired", "session token expired", AuthFailed, Verdict.SessionTokenExpired, refusesUpgrade: true),
        Of("app-mismatch", "app id mismatch", AtFault, Verdict.AppIdMismatch, refusesUpgrade: true),
        Of("app-unrecognized", "app id unrecognized", AtFault, Verdict.AppIdUnrecognized, refusesUpgrade: true),
        Of("app-unrecognized-code", "appIDUnrecognized", AtFault, Verdict.AppIdUnrecognized, refusesUpgrade: true),
        Of("avatar-not-found", "avatar not found", AtFault, Verdict.AvatarNotFound, refusesUpgrade: true),
        Of("sample-rate", "unsupported sample rate 11025", AtFault, Verdict.UnsupportedSampleRate, refusesUpgrade: true),
        Of("room-silence", "livekit silence timeout", Normal, Verdict.IdleTimeout),
        Of("no-audio", "no audio input for 60 s", Normal, Verdict.IdleTimeout),
        Of("livekit-config", "livekit_egress: url is empty", AtFault, Verdict.InvalidEgressConfig),
        Of("agora-config", "agora_egress: channel_name is empty", AtFault, Verdict.InvalidEgressConfig),
        Of("livekit-credentials", "missing livekit credentials", AtFault, Verdict.InvalidEgressConfig),
        Of("livekit-token", "provide api_token or both api_key and api_secret", AtFault, Verdict.InvalidEgressConfig),
        Of("unauthorized", "unauthorized", AtFault, Verdict.InvalidEgressConfig),
        Of("egress-missing", "egress client is not configured on server", UpstreamGone, Verdict.EgressUnavailable),
        Of("egress-failed", "failed to create egress connection", UpstreamGone, Verdict.EgressUnavailable),
        Of("upstream-status", "driven server returned non-200 status code: 502", UpstreamGone, Verdict.UpstreamError),
        Of("upstream-failed", "driven server request failed", UpstreamGone, Verdict.UpstreamError),
        Of("not-configured", "expected ClientConfigureSession message", AtFault, Verdict.ProtocolError),
        Of("configuration-nil", "ClientConfigureSession message is nil", AtFault, Verdict.ProtocolError),
        Of("message-type", "unexpected message type", AtFault, Verdict.ProtocolError),
        Of("not-parsed", "failed to unmarshal initial message", AtFault, Verdict.ProtocolError),
    ];

    /// <summary>
    /// Those that a token answer can bear: all but the one that says nothing at all, which there counts by its status, and those whose code
    /// is a word, as HTTP answers have it and <c>ServerError</c> cannot.
    /// </summary>
    public static readonly IReadOnlyList<ErrorReply> AtToken =
    [
        .. All.Where(reply => reply.Verdict != Verdict.ServerError),
        Named("invalid-argument", "INVALID_ARGUMENT", Find("3")),
        Named("invalid-argument-egress", "INVALID_ARGUMENT", Find("3-egress")),
        Named("unauthenticated", "UNAUTHENTICATED", Find("16")),
        Named("unavailable", "UNAVAILABLE", Find("14")),
    ];

    /// <summary>The code as HTTP answers have it.</summary>
    public string Word { get; private init; } = Code.ToString(CultureInfo.InvariantCulture);

    /// <summary>The error and its close.</summary>
    public Ending Ending(string requestId = "") => Ingress.Ending.With(Code, CloseCode, Text, requestId);

    public static ErrorReply Find(string slug) => All.Single(reply => reply.Slug == slug);

    private static ErrorReply Named(string slug, string word, ErrorReply reply) => reply with { Slug = slug, Word = word };

    private static ErrorReply Of(string slug, string text, int closeCode, Verdict verdict, bool refusesUpgrade = false) =>
        new(slug, Refusals.Internal, text, closeCode, verdict, refusesUpgrade);
}
