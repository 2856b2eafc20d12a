using Code = MotionGateway.MotionServer.MotionServerErrorCode;
using Retry = MotionGateway.MotionServer.MotionServerRetry;

namespace MotionGateway.MotionServer.Tests.Errors;

/// <summary>Texts that the service says, each with the code that the protocol gives it.</summary>
public sealed class ErrorRulesTests
{
    public static TheoryData<string, string?, string, int, Code> Rows => new()
    {
        // Errors over the WebSocket: codes before texts, and some codes by both.
        { "server", "3", "LiveKit url missing", 0, Code.InvalidEgressConfig },
        { "server", "400", "agora channel", 0, Code.InvalidEgressConfig },
        { "server", "3", "invalid session token", 0, Code.InvalidRequest },
        { "server", "invalid_argument", "", 0, Code.InvalidRequest },
        { "server", "16", "", 0, Code.InvalidEgressConfig },
        { "server", "14", "", 0, Code.EgressUnavailable },
        { "server", "4002", "no audio input for 60s", 0, Code.SessionDurationExceeded },
        { "server", "0", "Credits Exhausted", 0, Code.CreditsExhausted },
        { "server", "0", "session time limit reached", 0, Code.SessionDurationExceeded },
        { "server", "0", "maximum session duration", 0, Code.SessionDurationExceeded },
        { "server", "0", "Session denied", 0, Code.BillingRequired },
        { "server", "0", "invalid session token", 0, Code.SessionTokenInvalid },
        { "server", "0", "empty token", 0, Code.SessionTokenInvalid },
        { "server", "0", "token is expired", 0, Code.SessionTokenExpired },
        { "server", "0", "session token expired", 0, Code.SessionTokenExpired },
        { "server", "0", "App ID mismatch", 0, Code.AppIdMismatch },
        { "server", "0", "AppIDUnrecognized", 0, Code.AppIdUnrecognized },
        { "server", "0", "app id unrecognized", 0, Code.AppIdUnrecognized },
        { "server", "0", "avatar not found", 0, Code.AvatarNotFound },
        { "server", "0", "unsupported sample rate 11025", 0, Code.UnsupportedSampleRate },
        { "server", "0", "livekit silence timeout", 0, Code.IdleTimeout },
        { "server", "4015", "no audio input for 60s", 0, Code.IdleTimeout },
        { "server", "0", "livekit_egress missing", 0, Code.InvalidEgressConfig },
        { "server", "0", "agora_egress missing", 0, Code.InvalidEgressConfig },
        { "server", "0", "missing livekit credentials", 0, Code.InvalidEgressConfig },
        { "server", "0", "provide api_token or both api_key and api_secret", 0, Code.InvalidEgressConfig },
        { "server", "0", "Unauthorized", 0, Code.InvalidEgressConfig },
        { "server", "0", "egress client is not configured on server", 0, Code.EgressUnavailable },
        { "server", "0", "failed to create egress connection", 0, Code.EgressUnavailable },
        { "server", "0", "driven server returned non-200 status code", 0, Code.UpstreamError },
        { "server", "0", "driven server request failed", 0, Code.UpstreamError },
        { "server", "0", "expected ClientConfigureSession message", 0, Code.ProtocolError },
        { "server", "0", "ClientConfigureSession message is nil", 0, Code.ProtocolError },
        { "server", "0", "unexpected message type", 0, Code.ProtocolError },
        { "server", "0", "failed to unmarshal initial message", 0, Code.ProtocolError },
        { "server", "4042", "something else", 0, Code.InvalidRequest },
        { "server", "4599", "something else", 0, Code.ServerError },
        { "server", "77", "something else", 0, Code.ServerError },
        // Refused upgrades: texts about the account and the app before the status, and nothing of egress.
        { "upgrade", null, "Credits Exhausted", 400, Code.CreditsExhausted },
        { "upgrade", null, "maximum session duration", 403, Code.SessionDurationExceeded },
        { "upgrade", "4003", "", 403, Code.ConcurrencyLimit },
        { "upgrade", null, "Session denied", 403, Code.BillingRequired },
        { "upgrade", null, "Invalid session token", 404, Code.SessionTokenInvalid },
        { "upgrade", null, "token is expired", 400, Code.SessionTokenExpired },
        { "upgrade", null, "App ID mismatch", 403, Code.AppIdMismatch },
        { "upgrade", null, "Avatar not found", 404, Code.AvatarNotFound },
        { "upgrade", null, "no audio input for 60s", 400, Code.SessionTokenInvalid },
        { "upgrade", null, "Unauthorized", 401, Code.SessionTokenExpired },
        { "upgrade", "3", "livekit", 400, Code.SessionTokenInvalid },
        { "upgrade", "16", "", 404, Code.AppIdUnrecognized },
        { "upgrade", null, "", 402, Code.BillingRequired },
        { "upgrade", null, "", 418, Code.InvalidRequest },
        { "upgrade", null, "", 302, Code.Unknown },
        // Token answers: the status first.
        { "token", "UNAUTHENTICATED", "Unauthorized", 401, Code.SessionTokenInvalid },
        { "token", "4001", "credits exhausted", 401, Code.SessionTokenInvalid },
        { "token", "UNAVAILABLE", "failed to create egress connection", 503, Code.ServerError },
        { "token", "INVALID_ARGUMENT", "bad egress", 400, Code.InvalidRequest },
        { "token", null, "app id mismatch", 400, Code.AppIdMismatch },
        { "token", null, "", 402, Code.BillingRequired },
        { "token", null, "", 404, Code.AppIdUnrecognized },
        { "token", "UNAUTHENTICATED", "Unauthorized", 200, Code.Unknown },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Classify_EachText_HasTheCodeThatTheProtocolGivesIt(string source, string? code, string detail, int status, Code expected)
    {
        ErrorSources from = source switch
        {
            "token" => ErrorSources.TokenAnswer,
            "upgrade" => ErrorSources.RefusedUpgrade,
            _ => ErrorSources.ServerError,
        };

        Assert.Equal(expected, ErrorRules.Classify(new ServerReport(from, code, null, detail, status)));
        Assert.Equal(expected, ErrorRules.Classify(new ServerReport(from, code, detail.ToUpperInvariant(), null, status)));
    }

    [Theory]
    [InlineData(4001, Code.CreditsExhausted, Retry.Never)]
    [InlineData(4002, Code.SessionDurationExceeded, Retry.Immediate)]
    [InlineData(4003, Code.ConcurrencyLimit, Retry.Delayed)]
    [InlineData(4010, Code.SessionTokenInvalid, Retry.FreshToken)]
    [InlineData(4503, Code.UpstreamError, Retry.Backoff)]
    [InlineData(4042, Code.InvalidRequest, Retry.Never)]
    [InlineData(4599, Code.ConnectionClosed, Retry.Backoff)]
    [InlineData(4400, Code.ConnectionClosed, Retry.Backoff)]
    [InlineData(1011, Code.ConnectionClosed, Retry.Backoff)]
    [InlineData(null, Code.ConnectionClosed, Retry.Backoff)]
    public void Closed_EachCode_SaysCodeAndRetry(int? closeCode, Code expected, Retry retry)
    {
        MotionServerException failure = Failures.Closed(MotionServerPhase.WebSocketRuntime, closeCode, null, "c");

        Assert.Equal((expected, retry), (failure.Code, failure.Retry));
        Assert.Equal(closeCode == 4003 ? TimeSpan.FromSeconds(5) : null, failure.RetryAfter);
        Assert.False(ErrorRules.IsNormalClose(closeCode));
    }

    [Theory]
    [InlineData(Code.ConcurrencyLimit, true)]
    [InlineData(Code.SessionDurationExceeded, true)]
    [InlineData(Code.ConnectionFailed, true)]
    [InlineData(Code.SessionTokenExpired, false)]
    [InlineData(Code.CreditsExhausted, false)]
    [InlineData(Code.AvatarNotFound, false)]
    public void IsRetryable_ByCode_FollowsTheRetryClass(Code code, bool expected) =>
        Assert.Equal(expected, new MotionServerException(code, MotionServerPhase.WebSocketRuntime, "x").IsRetryable);

    [Fact]
    public void ToStableName_EveryCodeAndPhase_IsTheListedName()
    {
        string[] codes =
        [
            "sessionTokenExpired", "sessionTokenInvalid", "appIDUnrecognized", "appIDMismatch", "avatarNotFound", "billingRequired",
            "creditsExhausted", "sessionDurationExceeded", "concurrencyLimit", "unsupportedSampleRate", "invalidEgressConfig",
            "egressUnavailable", "idleTimeout", "upstreamError", "invalidRequest", "connectionFailed", "connectionClosed",
            "protocolError", "motionTimeout", "readerTooSlow", "serverError", "unknown",
        ];
        string[] phases = ["session_token", "websocket_connect", "websocket_handshake", "websocket_runtime", "websocket_send"];
        string[] retries = ["never", "fresh_token", "immediate", "backoff", "delayed"];

        Assert.Equal(codes.Order(), Enum.GetValues<Code>().Select(code => code.ToStableName()).Order());
        Assert.Equal(phases.Order(), Enum.GetValues<MotionServerPhase>().Select(phase => phase.ToStableName()).Order());
        Assert.Equal(retries.Order(), Enum.GetValues<Retry>().Select(retry => retry.ToStableName()).Order());
        Assert.Throws<ArgumentOutOfRangeException>(() => ((Code)999).ToStableName());
    }
}
