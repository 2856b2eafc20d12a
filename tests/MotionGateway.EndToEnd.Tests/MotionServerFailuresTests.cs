using Grpc.Core;
using Grpc.Net.Client;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>
/// What the Motion Server says, as a caller of the gateway, the command line and a viewer of the relay learn it. The expectations
/// are those of the Motion Server's protocol: which code stands for what, and whether connecting again can help.
/// </summary>
[Collection(nameof(OtherServices))]
public sealed class MotionServerFailuresTests(RunningServices services)
{
    /// <summary>At the opening of a session: an avatar or API key that asks for the fault, the reason, whether the same call may help later.</summary>
    public static TheoryData<string, ErrorReason, bool> AtTheOpening { get; } = new()
    {
        { "fault-server-error-0@handshake", ErrorReason.MotionServerServerError, true },
        { "fault-server-error-3@handshake", ErrorReason.MotionServerInvalidRequest, false },
        { "fault-server-error-13@handshake", ErrorReason.MotionServerServerError, true },
        { "fault-server-error-14@handshake", ErrorReason.MotionServerEgressUnavailable, true },
        { "fault-server-error-16@handshake", ErrorReason.MotionServerInvalidEgressConfig, false },
        { "fault-server-error-4001@handshake", ErrorReason.MotionServerCreditsExhausted, false },
        { "fault-server-error-4002@handshake", ErrorReason.MotionServerSessionDurationExceeded, true },
        { "fault-server-error-4003@handshake", ErrorReason.MotionServerConcurrencyLimit, true },
        { "fault-server-error-4503@handshake", ErrorReason.MotionServerUpstreamError, true },
        { "fault-server-error-alone-4001@handshake", ErrorReason.MotionServerCreditsExhausted, false },
        { "fault-server-error-alone-4003@handshake", ErrorReason.MotionServerConcurrencyLimit, true },
        { "fault-server-error-alone-4503@handshake", ErrorReason.MotionServerUpstreamError, true },
        { "fault-upgrade-status-400", ErrorReason.MotionServerSessionTokenInvalid, false },
        { "fault-upgrade-status-401", ErrorReason.MotionServerSessionTokenExpired, true },
        { "fault-upgrade-status-402", ErrorReason.MotionServerBillingRequired, false },
        { "fault-upgrade-status-404", ErrorReason.MotionServerAppIdUnrecognized, false },
        { "fault-upgrade-text-401", ErrorReason.MotionServerSessionTokenExpired, true },
        { "fault-upgrade-text-404", ErrorReason.MotionServerAppIdUnrecognized, false },
        { "missing-avatar", ErrorReason.MotionServerAvatarNotFound, false },
    };

    /// <summary>The answers to a token's request.</summary>
    public static TheoryData<string, ErrorReason, bool> AtTheToken { get; } = new()
    {
        { "fault-token-status-401", ErrorReason.MotionServerSessionTokenInvalid, false },
        { "fault-token-status-403", ErrorReason.MotionServerAppIdUnrecognized, false },
        { "fault-token-status-408", ErrorReason.MotionServerConnectionFailed, true },
        { "fault-token-status-429", ErrorReason.MotionServerConcurrencyLimit, true },
        { "fault-token-status-500", ErrorReason.MotionServerServerError, true },
        { "fault-token-status-503", ErrorReason.MotionServerServerError, true },
        { "fault-token-text-401", ErrorReason.MotionServerSessionTokenInvalid, false },
        { "fault-token-text-503", ErrorReason.MotionServerServerError, true },
    };

    /// <summary>Within a turn: the reason, and whether a new connection brings the turn's motion back.</summary>
    public static TheoryData<string, ErrorReason, bool> WithinATurn { get; } = new()
    {
        { "fault-server-error-0@motion", ErrorReason.MotionServerServerError, true },
        { "fault-server-error-3@motion", ErrorReason.MotionServerInvalidRequest, false },
        { "fault-server-error-13@motion", ErrorReason.MotionServerServerError, true },
        { "fault-server-error-4001@motion", ErrorReason.MotionServerCreditsExhausted, false },
        { "fault-server-error-4002@motion", ErrorReason.MotionServerSessionDurationExceeded, true },
        { "fault-server-error-4010@motion", ErrorReason.MotionServerSessionTokenInvalid, true },
        { "fault-server-error-4503@motion", ErrorReason.MotionServerUpstreamError, true },
        { "fault-server-error-alone-4001@motion", ErrorReason.MotionServerCreditsExhausted, false },
        { "fault-server-error-alone-4503@motion", ErrorReason.MotionServerUpstreamError, true },
        { "fault-close-4001@motion", ErrorReason.MotionServerCreditsExhausted, false },
        { "fault-close-4503@motion", ErrorReason.MotionServerUpstreamError, true },
    };

    [Theory]
    [MemberData(nameof(AtTheOpening))]
    public Task Speak_RefusedAtTheOpening_HasTheReasonAndItsRetryClass(string avatar, ErrorReason reason, bool isRetryable) =>
        AssertRefusedAsync(services.GatewayUrl, avatar, reason, isRetryable);

    [Theory]
    [MemberData(nameof(AtTheToken))]
    public async Task Speak_RefusedAToken_HasTheReasonAndItsRetryClass(string apiKey, ErrorReason reason, bool isRetryable) =>
        await AssertRefusedAsync(await services.StartGatewayAsync(apiKey), "avatar", reason, isRetryable);

    [Theory]
    [MemberData(nameof(WithinATurn))]
    public async Task Turn_MotionServerFails_CallerAndViewerLearnWhatBecameOfIt(string avatar, ErrorReason reason, bool isRetryable)
    {
        // Once: the connection that takes the place of the lost one is as it should be.
        using var speaker = await Speaker.OpenAsync(services.Speech, open => open.AvatarId = $"{avatar}.walk@1");
        using var viewer = await services.ViewAsync(speaker.Opened.SessionId);
        await speaker.SayAsync(Clip.Read(5), "turn");
        var failure = (await speaker.WaitForAsync(response => response.MotionServerFailure is not null)).MotionServerFailure;
        var ended = (await viewer.ReceiveUntilAsync(response => response.Payload?.TurnEnded is not null)).Payload.TurnEnded;

        Assert.Equal((reason, isRetryable, "turn"), (failure.Reason, failure.Retryable, failure.TurnId));
        Assert.Equal(
            isRetryable ? (TurnOutcome.Completed, ErrorReason.Unspecified) : (TurnOutcome.AudioOnly, reason),
            (ended.Outcome, ended.Error));
        Assert.Equal(isRetryable ? [] : ["turn"], failure.LostTurnIds);
        viewer.AssertContiguous();
    }

    private static async Task AssertRefusedAsync(Uri gateway, string avatar, ErrorReason reason, bool isRetryable)
    {
        using var channel = GrpcChannel.ForAddress(gateway);
        var refusal = await Assert.ThrowsAsync<RpcException>(
            () => Speaker.OpenAsync(new SpeechService.SpeechServiceClient(channel), open => open.AvatarId = avatar));

        Assert.True(RpcErrors.TryRead(refusal, out var failure), refusal.ToString());
        Assert.Equal((reason, isRetryable), (failure.Reason, failure.EffectiveRetryAfter is not null));
        Assert.StartsWith(ErrorTable.GetName(reason), refusal.Status.Detail, StringComparison.Ordinal);
    }
}
