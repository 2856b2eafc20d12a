using System.Diagnostics;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

// Between the state machine, the supply of motion, and the speaker.
public sealed partial class Session
{
    // What the speaker has been told, or will be in the answer to its open.
    private bool _isPublishingTold;

    /// <summary>The room that the Motion Server publishes into at present; null: media goes through the log.</summary>
    public ISessionEgress? Egress
    {
        get
        {
            lock (_lock)
            {
                return _core.IsPublishing ? Settings.Egress : null;
            }
        }
    }

    /// <summary>Connects to the Motion Server for the first time.</summary>
    /// <exception cref="MotionServerException">It refuses, or cannot be reached.</exception>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Capabilities = await _supply.StartAsync(cancellationToken);
        }
        catch (MotionServerException failure) when (Settings.Egress?.Room.Fallback == EgressFallback.Feed)
        {
            lock (_lock)
            {
                _core.Published.FallBack();
                TellFailure(failure, []);
            }

            Capabilities = await _supply.StartAsync(cancellationToken);
        }

        lock (_lock)
        {
            Changed();
        }
    }

    // A token for each connection: none is used twice, nor kept.
    private MotionConnectionOptions CreateLegOptions() => new(Settings.AvatarId, _services.ToMotionServer(Settings))
    {
        Egress = _core.IsPublishing ? Settings.Egress!.Create() : null,
        AllowSynchronousContinuations = true,
    };

    private long ToMilliseconds(SpeechTurn turn, long? timestamp) =>
        timestamp is { } time ? (long)_timeProvider.GetElapsedTime(turn.Times.Created, time).TotalMilliseconds : -1;

    private TurnReport CreateReport(SpeechTurn turn) => new()
    {
        TurnId = turn.Id,
        FirstMotionMs = ToMilliseconds(turn, turn.Times.FirstMotion),
        ReleasedMs = ToMilliseconds(turn, turn.Times.Released),
        SealedMs = ToMilliseconds(turn, turn.Times.Sealed),
        SampleCount = turn.Samples,
        KeyframeCount = turn.ReleasedKeyframes,
        RequestId = turn.Motion.RequestId,
        ConnectionId = turn.Motion.ConnectionId,
        SentMs = ToMilliseconds(turn, turn.Times.Sent),
        FirstWriteMs = ToMilliseconds(turn, turn.Times.FirstWrite),
        EndedMs = ToMilliseconds(turn, turn.Times.Ended),
        Outcome = turn.Outcome,
        Error = turn.Failure,
        PlayedSamples = turn.PlayedSamples,
        DroppedBytes = turn.DroppedBytes,
        MotionWaitMs = (long)turn.Wait.Used.TotalMilliseconds,
        MotionLateMs = (long)turn.Times.MotionLate.TotalMilliseconds,
        Recoveries = turn.Motion.Recoveries,
        AudioWarnings = { turn.Speech.Warnings.ToMessages() },
    };

    // Whether connecting again cannot help.
    private static bool IsForGood(MotionServerException failure) => failure.Retry == MotionServerRetry.Never;

    // What a failure of the Motion Server means is told, whether or not a turn is concerned.
    private void TellFailure(MotionServerException failure, IReadOnlyList<SpeechTurn> concerned)
    {
        var reason = failure.ToReason();
        _services.Metrics.Legs.Failed(reason);
        var told = new MotionServerFailure
        {
            TurnId = concerned.Count > 0 ? concerned[0].Id : "",
            Reason = reason,
            Message = failure.Message,
            Phase = failure.Phase.ToStableName(),
            ConnectionId = failure.ConnectionId ?? "",
            Retryable = !IsForGood(failure),
        };
        told.LostTurnIds.AddRange(concerned
            .Where(turn => turn.Motion.Progress == MotionProgress.Lost || turn is { IsPublished: true, IsOver: true }).Select(turn => turn.Id));
        if (_isPublishingTold && !_core.IsPublishing)
        {
            (_isPublishingTold, told.FellBackToFeed) = (false, true);
            _services.Events.FellBack(Id, reason);
        }

        foreach (var turn in concerned)
        {
            turn.Trace.MotionLost(reason);
        }

        _core.Ledger.Fail(told);
        _services.Events.MotionServerFailed(Id, told.TurnId, told.ConnectionId, reason, told.LostTurnIds.Count);
    }

    private void TellRecovery(MotionRequest request, long lostAt)
    {
        request.Turn.Trace.MotionRecovered();
        long lostMs = (long)_timeProvider.GetElapsedTime(lostAt).TotalMilliseconds;
        _services.Events.Recovered(Id, request.Turn.Id, request.Leg.Connection.ConnectionId, lostMs);
    }

    private sealed class Effects(Session session) : ISessionEffects
    {
        public void TurnBegan(SpeechTurn turn)
        {
            turn.Trace = TurnTrace.Begin(session.Id, turn.Id);
            session._services.Events.TurnBegan(session.Id, turn.Id);
        }

        public void TurnEnded(SpeechTurn turn, SequenceSpan? discarded)
        {
            var report = session.CreateReport(turn);
            if (turn.IsSpeakers)
            {
                session._core.Ledger.Report(report);
            }

            // What is measured and logged of it belongs to its trace, whoever ends it.
            var current = Activity.Current;
            Activity.Current = turn.Trace.Context;
            session._services.Metrics.Turns.Ended(report);
            session._services.Events.TurnEnded(
                session.Id, turn.Id, turn.Outcome, turn.Failure, report.PlayedSamples, report.SampleCount, report.KeyframeCount,
                report.FirstMotionMs, report.ReleasedMs, report.EndedMs, report.Recoveries);
            Activity.Current = current;
            turn.Trace.End(report);
        }

        public void SignalMissing(SpeechTurn turn) => session._services.Events.SignalMissing(session.Id, turn.Id);

        public void SessionEnded(ErrorReason error, string reason)
        {
            session._closedAt = session._timeProvider.GetTimestamp();
            session._supply.StopLocked();
            session._services.Place.Close();
            session._services.OnClosed(session);
            session._services.Events.Closed(session.Id, error, session._core.Turns.Count);
            session._lease?.Speaker.OnSessionEnded(error, reason);
        }
    }

    private sealed class MotionOwner(Session session) : IMotionOwner
    {
        public Activity? Trace => session._core.Turns.Active is [var turn, ..] ? turn.Trace.Context : null;

        public void OnSpeechSent(MotionRequest request, long throughSample)
        {
            using var wakes = WakeScope.Open();
            lock (session._lock)
            {
                session._core.SpeechSent(request, throughSample);
                session.Changed();
            }
        }

        public void OnMotion(MotionRequest request, MotionMessage message)
        {
            session._services.Metrics.MotionReceived(message.KeyframeCount);
            using var wakes = WakeScope.Open();
            lock (session._lock)
            {
                var motion = request.Turn.Motion;
                long? lostAt = motion.LostAt;
                session._core.Motion.Receive(request, message);
                if (lostAt is { } since && motion.LostAt is null)
                {
                    session.TellRecovery(request, since);
                }

                session._core.Advance();
                session.Changed();
            }
        }

        public void OnRequestFailed(MotionRequest request, MotionServerException failure)
        {
            lock (session._lock)
            {
                if (!request.IsFenced && !request.Turn.IsOver)
                {
                    session._core.Motion.Fail(request, failure.ToReason(), IsForGood(failure));
                    request.Leg.Told = failure.Code;
                    session.TellFailure(failure, [request.Turn]);
                }

                session._supply.HoldOffLocked(failure.RetryAfter);
                session._core.Advance();
                session.Changed();
            }
        }

        public void OnPlayback(MotionLeg leg, PlaybackUpdate update)
        {
            lock (session._lock)
            {
                session._core.Published.Report(leg, update);
                session._core.Advance();
                session.Changed();
            }
        }

        public void OnPublishingFailed(MotionLeg leg, MotionServerException failure)
        {
            lock (session._lock)
            {
                var missing = session._core.Published.Lose(leg, failure.RequestId, failure.ToReason(), IsForGood(failure));
                leg.Told = failure.Code;
                session.TellFailure(failure, missing);
                session._supply.HoldOffLocked(failure.RetryAfter);
                session._core.Advance();
                session.Changed();
            }
        }

        public void OnLegEnded(MotionLeg leg, MotionServerException? failure)
        {
            lock (session._lock)
            {
                // A normal close of an idle connection is no failure.
                bool isNormal = failure is null;
                failure ??= new MotionServerException(
                    MotionServerErrorCode.ConnectionClosed, MotionServerPhase.WebSocketRuntime, "The Motion Server closed the connection.");
                var reason = failure.ToReason();
                var missing = session._core.LoseLeg(leg, reason, IsForGood(failure));

                // Where its request told of it first, it has been told.
                bool isTold = isNormal || leg.Told == failure.Code;
                session._services.Events.LegLost(session.Id, leg.Connection.ConnectionId, reason, missing.Count);
                if (!session._core.IsClosed && (missing.Count > 0 || !isTold))
                {
                    session.TellFailure(failure, missing);
                }

                session._supply.HoldOffLocked(failure.RetryAfter);
                session._core.Advance();
                session.Changed();
            }
        }

        public void OnLegOpened(MotionLeg leg)
        {
            lock (session._lock)
            {
                session._services.Events.LegOpened(session.Id, leg.Connection.ConnectionId);
                session.Changed();
            }
        }

        public void OnConnectFailed(MotionServerException failure)
        {
            lock (session._lock)
            {
                session.TellFailure(failure, session._core.LoseAllWanting(failure.ToReason()));
                session._core.Advance();
                session.Changed();
            }
        }

        public void OnDefect(Exception exception) => session._services.Events.Defect(exception, session.Id);
    }
}
