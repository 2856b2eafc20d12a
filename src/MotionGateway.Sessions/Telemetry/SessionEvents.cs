using Microsoft.Extensions.Logging;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>Tells sessions' lives in the log: one line for each transition, with ids.</summary>
internal sealed partial class SessionEvents(ILogger logger)
{
    /// <summary>Puts a session's id into the scope of what is logged from here on.</summary>
    public void Enter(string sessionId) => logger.BeginScope(new KeyValuePair<string, object?>[] { new("SessionId", sessionId) });

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} opened for avatar {AvatarId}, app {App}, by {CallerId}, at {SampleRate} Hz")]
    public partial void Opened(string sessionId, string avatarId, string app, string callerId, int sampleRate);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} not opened: {Reason}")]
    public partial void NotOpened(string sessionId, ErrorReason reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} resumed")]
    public partial void Resumed(string sessionId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} lost its speaker and waits {WindowSeconds} s for it")]
    public partial void Detached(string sessionId, double windowSeconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} turn {TurnId} begins")]
    public partial void TurnBegan(string sessionId, string turnId);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Session {SessionId} interrupted by {By}: turn {TurnId} at {PlayedSamples} samples, and {FurtherTurns} behind it")]
    public partial void Interrupted(string sessionId, string by, string turnId, long playedSamples, int furtherTurns);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Session {SessionId} turn {TurnId} ended {Outcome} {Error}: {PlayedSamples} of {SampleCount} samples heard, {KeyframeCount} keyframes, "
            + "first motion after {FirstMotionMs} ms, released after {ReleasedMs} ms, end after {EndedMs} ms, {Recoveries} recoveries")]
    public partial void TurnEnded(
        string sessionId, string turnId, TurnOutcome outcome, ErrorReason error, long playedSamples, long sampleCount, long keyframeCount,
        long firstMotionMs, long releasedMs, long endedMs, int recoveries);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} has Motion Server connection {ConnectionId}")]
    public partial void LegOpened(string sessionId, string connectionId);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Session {SessionId} turn {TurnId}: the Motion Server failed, {Reason}, connection {ConnectionId}; {LostTurns} turns have lost for good what it had to give")]
    public partial void MotionServerFailed(string sessionId, string turnId, string connectionId, ErrorReason reason, int lostTurns);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} has lost Motion Server connection {ConnectionId}, {Reason}: {MissingTurns} turns miss motion")]
    public partial void LegLost(string sessionId, string connectionId, ErrorReason reason, int missingTurns);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} turn {TurnId} has its motion back by connection {ConnectionId}, after {LostMs} ms")]
    public partial void Recovered(string sessionId, string turnId, string connectionId, long lostMs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} turn {TurnId}: no playback signal came in time, it goes on without")]
    public partial void SignalMissing(string sessionId, string turnId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} cannot have its room, {Reason}: media goes through the log")]
    public partial void FellBack(string sessionId, ErrorReason reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} closed {Reason} after {TurnCount} turns")]
    public partial void Closed(string sessionId, ErrorReason reason, long turnCount);

    [LoggerMessage(Level = LogLevel.Error, Message = "Session {SessionId} met a defect and goes on")]
    public partial void Defect(Exception exception, string sessionId);

    [LoggerMessage(Level = LogLevel.Error, Message = "A sweep of the sessions met a defect; the next one follows")]
    public partial void SweepFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The connections of an app that is replaced could not be let go of")]
    public partial void AppNotClosed(Exception exception);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The Motion Server cannot be reached for app {App}, {Failures} connections in a row failed, {Reason}: its new sessions are refused, but for one each {PauseSeconds} s, which tries")]
    public partial void OutageBegan(string app, int failures, ErrorReason reason, double pauseSeconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "The Motion Server can be reached again for app {App}, after {Seconds:0.0} s")]
    public partial void OutageOver(string app, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining {SessionCount} sessions within {GraceSeconds} s")]
    public partial void Draining(int sessionCount, double graceSeconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Drained: {CutSessions} sessions were ended with speech that was not heard")]
    public partial void Drained(int cutSessions);
}
