using System.Globalization;
using MotionGateway.Messages.DrivenIngress.V2;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;
using Phase = MotionGateway.MotionServer.MotionServerPhase;

namespace MotionGateway.MotionServer;

/// <summary>Makes the exceptions of this library, each in one place, so that all carry the same context.</summary>
internal static class Failures
{
    private const int LongestShownText = 300;
    private const int LongestKeptText = 4096;

    public static MotionServerException TimedOut(Phase phase, TimeSpan limit) =>
        new(Code.ConnectionFailed, phase, $"The Motion Server did not answer within {Seconds(limit)}.");

    /// <summary>HTTP or the socket failed; a handler that is the caller's may say anything in it, be it the whole URL.</summary>
    public static MotionServerException NoConnection(Phase phase, Exception cause, Secrets secrets) =>
        new(Code.ConnectionFailed, phase, $"The Motion Server cannot be reached{Shown(secrets.Mask(cause.Message))}.", secrets.Mask(cause));

    public static MotionServerException Protocol(Phase phase, string message, Exception? cause = null) => new(Code.ProtocolError, phase, message, cause);

    /// <summary>A bootstrap answer that names no region; its body may be anything and is not kept.</summary>
    public static MotionServerException NoRegion(HttpAnswer answer) => new(
        answer.Status >= 500 ? Code.ServerError : Code.ProtocolError, Phase.SessionToken, $"The answer to the bootstrap request (HTTP {answer.Status}) names no region.")
    {
        HttpStatus = answer.Status,
    };

    /// <summary>A failure together with those of the other regions that were tried.</summary>
    public static MotionServerException WithOtherRegions(MotionServerException failure, IReadOnlyList<MotionServerException> others) =>
        new(failure, failure.Code, failure.Phase, failure.Message, failure) { RegionFailures = others };

    /// <summary>A token answer or a refused upgrade, as the phase tells.</summary>
    public static MotionServerException FromAnswer(Phase phase, HttpAnswer answer, Secrets secrets)
    {
        bool isUpgrade = phase == Phase.WebSocketConnect;
        ErrorBody error = ErrorBody.Read(answer.Body);
        // A refused upgrade may answer in bare text, and only that text tells a missing avatar from an unknown app.
        string? detail = error.Detail ?? (isUpgrade && !error.HasErrors ? answer.Body : null);
        int status = answer.IsOk ? error.Status ?? answer.Status : answer.Status;
        ErrorSources source = isUpgrade ? ErrorSources.RefusedUpgrade : ErrorSources.TokenAnswer;
        Code code = ErrorRules.Classify(new ServerReport(source, error.Code, error.Title, detail, status));
        (string? serverCode, string? title) = (secrets.Mask(error.Code), secrets.Mask(error.Title));
        detail = secrets.Mask(detail);
        string what = isUpgrade ? "refused the WebSocket" : "gave no session token";
        return new(code, phase, $"The Motion Server {what} (HTTP {answer.Status}){Shown(serverCode, title, detail)}.")
        {
            AskedPause = answer.RetryAfter,
            HttpStatus = answer.Status,
            ServerCode = Kept(serverCode),
            ServerTitle = Kept(title),
            ServerDetail = Kept(detail),
            RawBody = secrets.Mask(answer.Body),
        };
    }

    /// <summary>A token answer that is no failure by its status and holds no token either.</summary>
    public static MotionServerException NoToken(HttpAnswer answer, string why, Secrets secrets) =>
        new(Code.ProtocolError, Phase.SessionToken, $"The Motion Server's answer holds no session token: {why}.")
        {
            HttpStatus = answer.Status,
            RawBody = secrets.Mask(answer.Body),
        };

    /// <summary>An error that the server reports in a message.</summary>
    public static MotionServerException FromServerError(Phase phase, ServerError error, string? connectionId, Secrets secrets)
    {
        string serverCode = error.Code.ToString(CultureInfo.InvariantCulture);
        Code code = ErrorRules.Classify(new ServerReport(ErrorSources.ServerError, serverCode, null, error.Message));
        string? detail = secrets.Mask(error.Message);
        return new(code, phase, $"The Motion Server reports an error{Shown(serverCode, detail)}.")
        {
            ServerCode = serverCode,
            ServerDetail = Kept(detail),
            ConnectionId = OrNull(error.ConnectionId) ?? connectionId,
            RequestId = OrNull(error.ReqId),
        };
    }

    /// <summary>A close that is no normal end; in the handshake every close is one.</summary>
    public static MotionServerException Closed(Phase phase, int? closeCode, string? reason, string? connectionId, Exception? cause = null)
    {
        string text = (closeCode, cause) switch
        {
            (null, null) => "The Motion Server closed the connection without a code.",
            (null, _) => "The connection to the Motion Server was lost.",
            _ => $"The Motion Server closed the connection with code {closeCode}{Shown(reason)}.",
        };
        return new(ErrorRules.OfClose(closeCode), phase, text, cause) { CloseCode = closeCode, CloseReason = OrNull(reason), ConnectionId = connectionId };
    }

    /// <summary>This side ended an established connection.</summary>
    public static MotionServerException GivenUp(Phase phase, Code code, string message, string connectionId, Exception? cause = null) =>
        new(code, phase, message, cause) { ConnectionId = connectionId };

    /// <summary>The report that the server made before it closed, with the close that came of it. A report that no rule knew is what a telling close code says.</summary>
    public static MotionServerException WithClose(MotionServerException report, int? closeCode, string? reason)
    {
        Code told = ErrorRules.OfClose(closeCode);
        Code code = ErrorRules.IsUnclassified(report.Code) && told != Code.ConnectionClosed ? told : report.Code;
        return new(report, code, report.Phase, report.Message) { CloseCode = closeCode, CloseReason = OrNull(reason) };
    }

    /// <summary>What a caller is told who sends on a connection that has ended.</summary>
    public static MotionServerException SendAfterEnd(MotionServerException? failure, string connectionId, string? requestId) => failure is null
        ? new(Code.ConnectionClosed, Phase.WebSocketSend, "The connection to the Motion Server has ended.") { ConnectionId = connectionId, RequestId = requestId }
        : new(failure, failure.Code, Phase.WebSocketSend, $"The connection to the Motion Server has ended. {failure.Message}", failure)
        {
            ConnectionId = connectionId,
            RequestId = requestId,
        };

    /// <summary>What a caller is told who asks for more than the connection can do.</summary>
    public static MotionServerException NotPossible(string message, string connectionId, string requestId) =>
        OfRequest(Code.InvalidRequest, Phase.WebSocketSend, message, connectionId, requestId, region: null);

    /// <summary>What the reader of a request is told whose motion does not come.</summary>
    public static MotionServerException MotionTimedOut(TimeSpan limit, string connectionId, string requestId, string? region) => OfRequest(
        Code.MotionTimeout, Phase.WebSocketRuntime, $"The Motion Server owes motion, and has sent none for {Seconds(limit)}.", connectionId, requestId, region);

    /// <summary>What the reader of a request is told when the connection has ended normally, and the motion is not complete.</summary>
    public static MotionServerException ClosedEarly(string connectionId, string requestId, string? region) => OfRequest(
        Code.ConnectionClosed, Phase.WebSocketRuntime, "The connection to the Motion Server was closed before the request's motion was complete.", connectionId, requestId, region);

    private static MotionServerException OfRequest(Code code, Phase phase, string message, string connectionId, string requestId, string? region) =>
        new(code, phase, message) { ConnectionId = connectionId, RequestId = requestId, Region = region };

    private static string Seconds(TimeSpan limit) => string.Create(CultureInfo.InvariantCulture, $"{limit.TotalSeconds:0.###} seconds");

    private static string Shown(params IEnumerable<string?> parts)
    {
        string text = string.Join(": ", parts.Where(part => !string.IsNullOrWhiteSpace(part)));
        // The text of others goes into logs; a line break in it must not begin a new entry there.
        string line = string.Concat(text.Take(LongestShownText).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return text.Length == 0 ? "" : text.Length > LongestShownText ? $": {line}…" : $": {line.TrimEnd('.')}";
    }

    private static string? Kept(string? text) => text?.Length > LongestKeptText ? text[..LongestKeptText] : text;

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
