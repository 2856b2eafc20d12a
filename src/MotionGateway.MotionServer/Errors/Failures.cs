using System.Globalization;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>Makes the exceptions of this library, each in one place, so that all carry the same context.</summary>
internal static class Failures
{
    private const int LongestShownText = 300;
    private const int LongestKeptText = 4096;

    public static MotionServerException TimedOut(MotionServerPhase phase, TimeSpan limit) => new(
        MotionServerErrorCode.ConnectionFailed, phase,
        string.Create(CultureInfo.InvariantCulture, $"The Motion Server did not answer within {limit.TotalSeconds:0.###} seconds."));

    /// <summary>HTTP or the socket failed.</summary>
    /// <param name="phase">Where.</param>
    /// <param name="cause">Why; a handler that is the caller's may say anything in it, be it the whole URL.</param>
    /// <param name="secrets">Credentials that were on their way.</param>
    public static MotionServerException NoConnection(MotionServerPhase phase, Exception cause, params ReadOnlySpan<string?> secrets) => new(
        MotionServerErrorCode.ConnectionFailed,
        phase,
        $"The Motion Server cannot be reached{Shown(null, null, CredentialText.Redact(cause.Message, secrets))}.",
        MaskedException.Of(cause, secrets));

    public static MotionServerException Protocol(MotionServerPhase phase, string message, Exception? cause = null) =>
        new(MotionServerErrorCode.ProtocolError, phase, message, cause);

    /// <summary>A bootstrap answer that names no region; its body may be anything and is not kept.</summary>
    public static MotionServerException NoRegion(HttpAnswer answer) =>
        new(
            answer.Status >= 500 ? MotionServerErrorCode.ServerError : MotionServerErrorCode.ProtocolError,
            MotionServerPhase.SessionToken,
            $"The answer to the bootstrap request (HTTP {answer.Status}) names no region.")
        {
            HttpStatus = answer.Status,
        };

    /// <summary>A failure together with those of the other regions that were tried.</summary>
    public static MotionServerException WithOtherRegions(MotionServerException failure, IReadOnlyList<MotionServerException> others) =>
        new(failure.Code, failure.Phase, failure.Message, failure)
        {
            Retry = failure.Retry,
            AskedPause = failure.AskedPause,
            HttpStatus = failure.HttpStatus,
            ServerCode = failure.ServerCode,
            ServerTitle = failure.ServerTitle,
            ServerDetail = failure.ServerDetail,
            ConnectionId = failure.ConnectionId,
            RequestId = failure.RequestId,
            RawBody = failure.RawBody,
            CloseCode = failure.CloseCode,
            CloseReason = failure.CloseReason,
            Region = failure.Region,
            RegionFailures = others,
        };

    /// <summary>A token answer or a refused upgrade, classified by what it says and its status.</summary>
    /// <param name="phase">Tells which of the two it is.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="secrets">Credentials that the answer may repeat.</param>
    public static MotionServerException FromAnswer(MotionServerPhase phase, HttpAnswer answer, params ReadOnlySpan<string?> secrets)
    {
        bool isUpgrade = phase == MotionServerPhase.WebSocketConnect;
        ErrorBody error = ErrorBody.Read(answer.Body);
        // A refused upgrade may answer in bare text, and only that text tells a missing avatar from an unknown app.
        string? detail = error.Detail ?? (isUpgrade && !error.HasErrors ? answer.Body : null);
        int status = answer.IsOk ? error.Status ?? answer.Status : answer.Status;
        ErrorSources source = isUpgrade ? ErrorSources.RefusedUpgrade : ErrorSources.TokenAnswer;
        // By the text as it came: a secret may be a part of the words that the rules look for.
        MotionServerErrorCode code = ErrorRules.Classify(new ServerReport(source, error.Code, error.Title, detail, status));

        string? serverCode = CredentialText.Redact(error.Code, secrets);
        string? title = CredentialText.Redact(error.Title, secrets);
        detail = CredentialText.Redact(detail, secrets);
        string what = isUpgrade ? "refused the WebSocket" : "gave no session token";
        return new MotionServerException(code, phase, $"The Motion Server {what} (HTTP {answer.Status}){Shown(serverCode, title, detail)}.")
        {
            Retry = ErrorRules.RetryOf(code, phase, status),
            AskedPause = answer.RetryAfter,
            HttpStatus = answer.Status,
            ServerCode = Kept(serverCode),
            ServerTitle = Kept(title),
            ServerDetail = Kept(detail),
            RawBody = CredentialText.Redact(answer.Body, secrets),
        };
    }

    /// <summary>A token answer that is no failure by its status and holds no token either.</summary>
    public static MotionServerException NoToken(HttpAnswer answer, string why, params ReadOnlySpan<string?> secrets) =>
        new(MotionServerErrorCode.ProtocolError, MotionServerPhase.SessionToken, $"The Motion Server's answer holds no session token: {why}.")
        {
            HttpStatus = answer.Status,
            RawBody = CredentialText.Redact(answer.Body, secrets),
        };

    /// <summary>An error that the server reports in a message.</summary>
    public static MotionServerException FromServerError(MotionServerPhase phase, ServerError error, string? connectionId, params ReadOnlySpan<string?> secrets)
    {
        string serverCode = error.Code.ToString(CultureInfo.InvariantCulture);
        MotionServerErrorCode code = ErrorRules.Classify(new ServerReport(ErrorSources.ServerError, serverCode, null, error.Message));
        string? detail = CredentialText.Redact(error.Message, secrets);
        return new MotionServerException(code, phase, $"The Motion Server reports an error{Shown(serverCode, null, detail)}.")
        {
            ServerCode = serverCode,
            ServerDetail = Kept(detail),
            ConnectionId = OrNull(error.ConnectionId) ?? connectionId,
            RequestId = OrNull(error.ReqId),
        };
    }

    /// <summary>A close that is no normal end; in the handshake every close is one.</summary>
    public static MotionServerException Closed(MotionServerPhase phase, int? closeCode, string? reason, string? connectionId, Exception? cause = null)
    {
        CloseCodeRule rule = CloseCodeRules.Classify(closeCode);
        string text = (closeCode, cause) switch
        {
            (null, null) => "The Motion Server closed the connection without a code.",
            (null, _) => "The connection to the Motion Server was lost.",
            _ => $"The Motion Server closed the connection with code {closeCode}{Shown(null, null, reason)}.",
        };
        return new MotionServerException(rule.Result, phase, text, cause)
        {
            Retry = rule.Retry,
            CloseCode = closeCode,
            CloseReason = OrNull(reason),
            ConnectionId = connectionId,
        };
    }

    /// <summary>This side ended an established connection.</summary>
    public static MotionServerException GivenUp(MotionServerPhase phase, MotionServerErrorCode code, string message, string connectionId, Exception? cause = null) =>
        new(code, phase, message, cause) { ConnectionId = connectionId };

    /// <summary>
    /// The report that the server made before it closed, with the close that came of it. A report that no rule knew is what a
    /// telling close code says; from a range of close codes, which names no cause, it takes the retry class alone.
    /// </summary>
    public static MotionServerException WithClose(MotionServerException report, int? closeCode, string? reason)
    {
        CloseCodeRule? rule = ErrorRules.IsUnclassified(report.Code) ? CloseCodeRules.Find(closeCode) : null;
        MotionServerErrorCode code = rule is { Result: not MotionServerErrorCode.ConnectionClosed } ? rule.Result : report.Code;
        return new(code, report.Phase, report.Message)
        {
            Retry = rule?.Retry ?? report.Retry,
            AskedPause = report.AskedPause,
            ServerCode = report.ServerCode,
            ServerDetail = report.ServerDetail,
            ConnectionId = report.ConnectionId,
            RequestId = report.RequestId,
            CloseCode = closeCode,
            CloseReason = OrNull(reason),
            Region = report.Region,
        };
    }

    /// <summary>What a caller is told who sends on a connection that has ended.</summary>
    public static MotionServerException SendAfterEnd(MotionServerException? failure, string connectionId, string requestId) =>
        failure is null
            ? new(MotionServerErrorCode.ConnectionClosed, MotionServerPhase.WebSocketSend, "The connection to the Motion Server has ended.")
            {
                ConnectionId = connectionId,
                RequestId = requestId,
            }
            : new(failure.Code, MotionServerPhase.WebSocketSend, $"The connection to the Motion Server has ended. {failure.Message}", failure)
            {
                Retry = failure.Retry,
                AskedPause = failure.AskedPause,
                ServerCode = failure.ServerCode,
                ServerDetail = failure.ServerDetail,
                ConnectionId = connectionId,
                RequestId = requestId,
                CloseCode = failure.CloseCode,
                CloseReason = failure.CloseReason,
                Region = failure.Region,
            };

    /// <summary>What a caller is told who asks for a feature that the server did not announce.</summary>
    public static MotionServerException NotCapable(string capability, string connectionId, string requestId) =>
        new(MotionServerErrorCode.InvalidRequest, MotionServerPhase.WebSocketSend,
            $"The Motion Server has not announced '{capability}' for this connection; look at its capabilities first.")
        {
            ConnectionId = connectionId,
            RequestId = requestId,
        };

    /// <summary>What a caller is told who begins more requests than are encoded at a time.</summary>
    public static MotionServerException TooManyStreams(int limit, string connectionId, string requestId) =>
        new(MotionServerErrorCode.InvalidRequest, MotionServerPhase.WebSocketSend,
            $"{limit} requests are being encoded and none has ended: end each with its last chunk, or interrupt it.")
        {
            ConnectionId = connectionId,
            RequestId = requestId,
        };

    private static string Shown(string? code, string? title, string? detail)
    {
        string text = string.Join(": ", new[] { code, title, detail }.Where(part => !string.IsNullOrWhiteSpace(part)));
        if (text.Length == 0)
        {
            return "";
        }

        // The text of others goes into logs; a line break in it must not begin a new entry there.
        string line = string.Concat(text.Take(LongestShownText).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return text.Length > LongestShownText ? $": {line}…" : $": {line.TrimEnd('.')}";
    }

    private static string? Kept(string? text) => text?.Length > LongestKeptText ? text[..LongestKeptText] : text;

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
