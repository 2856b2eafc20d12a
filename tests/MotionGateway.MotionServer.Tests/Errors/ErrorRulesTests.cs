using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Errors;

public sealed class ErrorRulesTests
{
    public static TheoryData<int, string, string?, string, int?, Code> Rows => new()
    {
        { 1, "server", "3", "LiveKit url missing", null, Code.InvalidEgressConfig },
        { 1, "server", "400", "agora channel", null, Code.InvalidEgressConfig },
        { 1, "token", "INVALID_ARGUMENT", "bad egress", null, Code.InvalidEgressConfig },
        { 1, "server", "3", "invalid session token", null, Code.InvalidRequest },
        { 1, "token", "invalid_argument", "", 400, Code.InvalidRequest },
        { 2, "server", "16", "", null, Code.InvalidEgressConfig },
        { 2, "token", "UNAUTHENTICATED", "", 401, Code.InvalidEgressConfig },
        { 2, "server", "14", "", null, Code.EgressUnavailable },
        { 2, "token", "UNAVAILABLE", "", 503, Code.EgressUnavailable },
        { 3, "server", "4001", "", null, Code.CreditsExhausted },
        { 3, "upgrade", null, "Credits Exhausted", 400, Code.CreditsExhausted },
        { 3, "server", "4002", "", null, Code.SessionDurationExceeded },
        { 3, "server", "0", "session time limit reached", null, Code.SessionDurationExceeded },
        { 3, "upgrade", null, "maximum session duration", 403, Code.SessionDurationExceeded },
        { 3, "upgrade", "4003", "", 403, Code.ConcurrencyLimit },
        { 4, "upgrade", null, "Session denied", 403, Code.BillingRequired },
        { 4, "upgrade", null, "", 402, Code.BillingRequired },
        { 4, "token", null, "", 402, Code.BillingRequired },
        { 5, "upgrade", null, "Invalid session token", 404, Code.SessionTokenInvalid },
        { 5, "server", "0", "empty token", null, Code.SessionTokenInvalid },
        { 5, "upgrade", null, "token is expired", 400, Code.SessionTokenExpired },
        { 5, "server", "0", "session token expired", null, Code.SessionTokenExpired },
        { 6, "upgrade", null, "App ID mismatch", 403, Code.AppIdMismatch },
        { 6, "server", "0", "AppIDUnrecognized", null, Code.AppIdUnrecognized },
        { 6, "server", "0", "app id unrecognized", null, Code.AppIdUnrecognized },
        { 6, "upgrade", null, "Avatar not found", 404, Code.AvatarNotFound },
        { 6, "server", "0", "unsupported sample rate 11025", null, Code.UnsupportedSampleRate },
        { 7, "server", "0", "livekit silence timeout", null, Code.IdleTimeout },
        { 7, "server", "0", "no audio input for 60s", null, Code.IdleTimeout },
        { 12, "upgrade", null, "no audio input for 60s", 400, Code.SessionTokenInvalid },
        { 8, "server", "0", "livekit_egress missing", null, Code.InvalidEgressConfig },
        { 8, "server", "0", "agora_egress missing", null, Code.InvalidEgressConfig },
        { 8, "server", "0", "missing livekit credentials", null, Code.InvalidEgressConfig },
        { 8, "server", "0", "provide api_token or both api_key and api_secret", null, Code.InvalidEgressConfig },
        { 8, "server", "0", "Unauthorized", null, Code.InvalidEgressConfig },
        { 12, "upgrade", null, "Unauthorized", 401, Code.SessionTokenExpired },
        { 9, "server", "0", "egress client is not configured on server", null, Code.EgressUnavailable },
        { 9, "server", "0", "failed to create egress connection", null, Code.EgressUnavailable },
        { 10, "server", "0", "driven server returned non-200 status code", null, Code.UpstreamError },
        { 10, "server", "0", "driven server request failed", null, Code.UpstreamError },
        { 11, "server", "0", "expected ClientConfigureSession message", null, Code.ProtocolError },
        { 11, "server", "0", "ClientConfigureSession message is nil", null, Code.ProtocolError },
        { 11, "server", "0", "unexpected message type", null, Code.ProtocolError },
        { 11, "server", "0", "failed to unmarshal initial message", null, Code.ProtocolError },
        { 12, "token", null, "", 401, Code.SessionTokenExpired },
        { 12, "upgrade", null, "", 401, Code.SessionTokenExpired },
        { 12, "upgrade", null, "", 404, Code.AppIdUnrecognized },
        { 12, "upgrade", null, "", 400, Code.SessionTokenInvalid },
        { 12, "token", null, "", 400, Code.InvalidRequest },
        { 12, "upgrade", null, "", 418, Code.InvalidRequest },
        { 12, "upgrade", null, "", 503, Code.ServerError },
        { 13, "server", "0", "something else", null, Code.ServerError },
        { 13, "token", "77", "something else", 200, Code.Unknown },
        { 13, "upgrade", null, "", 302, Code.Unknown },
        // Rules 1 and 2 do not look at refused upgrades.
        { 12, "upgrade", "3", "livekit", 400, Code.SessionTokenInvalid },
        { 12, "upgrade", "16", "", 404, Code.AppIdUnrecognized },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Classify_EachRow_FirstMatchWins(int row, string source, string? code, string detail, int? status, Code expected)
    {
        ServerReport report = new(SourceOf(source), code, null, detail, status);

        Assert.Equal(expected, ErrorRules.Classify(report));
        Assert.Equal(row, ErrorRules.Ordered.First(rule => rule.Matches(report)).Row);
    }

    [Fact]
    public void Rows_All_AreTriedByATest()
    {
        HashSet<ErrorRule> tried = [];
        foreach (object[] row in (IEnumerable<object[]>)Rows)
        {
            ServerReport report = new(SourceOf((string)row[1]), (string?)row[2], null, (string)row[3], (int?)row[4]);
            tried.Add(ErrorRules.Ordered.First(rule => rule.Matches(report)));
        }

        Assert.Empty(ErrorRules.Ordered.Except(tried));
    }

    [Fact]
    public void Classify_TextInTheTitle_IsMatchedToo() =>
        Assert.Equal(Code.AvatarNotFound, ErrorRules.Classify(new ServerReport(ErrorSources.TokenAnswer, null, "AVATAR NOT FOUND", null, 404)));

    [Theory]
    [InlineData(4001, Code.CreditsExhausted, MotionServerRetry.Never)]
    [InlineData(4002, Code.SessionDurationExceeded, MotionServerRetry.Immediate)]
    [InlineData(4003, Code.ConcurrencyLimit, MotionServerRetry.Delayed)]
    [InlineData(4010, Code.SessionTokenInvalid, MotionServerRetry.FreshToken)]
    [InlineData(4503, Code.UpstreamError, MotionServerRetry.Backoff)]
    [InlineData(4042, Code.ConnectionClosed, MotionServerRetry.Never)]
    [InlineData(4599, Code.ConnectionClosed, MotionServerRetry.Backoff)]
    [InlineData(4400, Code.ConnectionClosed, MotionServerRetry.Backoff)]
    [InlineData(1011, Code.ConnectionClosed, MotionServerRetry.Backoff)]
    [InlineData(null, Code.ConnectionClosed, MotionServerRetry.Backoff)]
    public void ClassifyClose_EachCode_SaysCodeAndRetry(int? closeCode, Code expected, MotionServerRetry retry)
    {
        CloseCodeRule rule = CloseCodeRules.Classify(closeCode);

        Assert.Equal((expected, retry), (rule.Result, rule.Retry));
        Assert.Equal(closeCode == 4003 ? TimeSpan.FromSeconds(5) : null, rule.RetryAfter);
        Assert.False(CloseCodeRules.IsNormal(closeCode));
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
            "protocolError", "readerTooSlow", "serverError", "unknown",
        ];
        string[] phases = ["session_token", "websocket_connect", "websocket_handshake", "websocket_runtime", "websocket_send"];

        Assert.Equal(codes.Order(), Enum.GetValues<Code>().Select(code => code.ToStableName()).Order());
        Assert.Equal(phases.Order(), Enum.GetValues<MotionServerPhase>().Select(phase => phase.ToStableName()).Order());
    }

    private static ErrorSources SourceOf(string source) => source switch
    {
        "token" => ErrorSources.TokenAnswer,
        "upgrade" => ErrorSources.RefusedUpgrade,
        _ => ErrorSources.ServerError,
    };
}
