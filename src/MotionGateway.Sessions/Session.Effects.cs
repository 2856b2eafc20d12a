using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

// Between the state machine, the link to the Motion Server, and the speaker.
public sealed partial class Session
{
    private double Milliseconds(SpeechTurn turn, long? timestamp) =>
        timestamp is { } time ? _timeProvider.GetElapsedTime(turn.CreatedAt, time).TotalMilliseconds : -1;

    private sealed class Effects(Session session) : ISessionEffects
    {
        private ISpeaker? Speaker => session._lease?.Speaker;

        public void SendAudio(SpeechTurn turn, ReadOnlyMemory<byte> samples, bool end) =>
            session._link.Send(turn, samples, end);

        public void AbandonRequest(SpeechTurn turn) => session._link.Abandon(turn);

        public void MotionStalled(SpeechTurn turn) => session._link.DropConnection();

        public void AcknowledgeAudio(string turnId, long bytes, long discardedBytes) =>
            Speaker?.OnAudioAcknowledged(turnId, bytes, discardedBytes);

        public void ReportTurn(SpeechTurn turn) => Speaker?.OnTurnReport(new TurnReport
        {
            TurnId = turn.Id,
            FirstMotionMs = (long)session.Milliseconds(turn, turn.FirstMotionAt),
            ReleasedMs = (long)session.Milliseconds(turn, turn.ReleasedAt),
            SealedMs = (long)session.Milliseconds(turn, session._timeProvider.GetTimestamp()),
            SampleCount = turn.Samples,
            KeyframeCount = turn.Keyframes,
            RequestId = turn.RequestId,
            ConnectionId = session._link.ConnectionId,
        });

        public void TurnEnded(SpeechTurn turn, SequenceSpan? discarded)
        {
            session._metrics.TurnEnded(turn.Outcome);
            if (turn.FirstMotionAt is { } first)
            {
                session._metrics.FirstMotion(session._timeProvider.GetElapsedTime(turn.CreatedAt, first));
            }
        }

        public void SessionEnded(ErrorReason error, string reason)
        {
            session._closedAt = session._timeProvider.GetTimestamp();
            session._metrics.SessionClosed();
            Speaker?.OnSessionEnded(error, reason);
        }
    }

    private sealed class LinkOwner(Session session) : IMotionLinkOwner
    {
        public void OnAudioSent(SpeechTurn turn, int bytes)
        {
            lock (session._lock)
            {
                session._core.AudioSent(turn, bytes);
            }
        }

        public void OnMotion(MotionMessage message)
        {
            if (message.End)
            {
                session._link.Complete(message.RequestId);
            }

            session._metrics.MotionReceived(message.KeyframeCount);
            // It may be held for a long time before it is released, longer than a pooled buffer should be.
            byte[] envelope = message.Envelope.ToArray();
            lock (session._lock)
            {
                session._core.MotionReceived(message.RequestId, envelope, message.KeyframeCount, message.End);
                session.Changed();
            }
        }

        public void OnMotionLost(IReadOnlySet<string> requestIds, MotionServerException error)
        {
            lock (session._lock)
            {
                var turn = session._core.LatestTurns.FirstOrDefault(
                    turn => turn is { State: not TurnState.Ended, Motion: not MotionProgress.Complete }
                        && requestIds.Contains(turn.RequestId));
                if (turn is null)
                {
                    // An idle connection ended: the next turn makes another.
                    return;
                }

                var reason = error.ToReason();
                session._metrics.MotionServerFailed(reason);
                session._core.MotionLost(requestIds, reason);
                session._lease?.Speaker.OnMotionServerFailure(new MotionServerFailure
                {
                    TurnId = turn.Id,
                    Reason = reason,
                    Message = error.Message,
                    Phase = error.Phase.ToStableName(),
                    ConnectionId = error.ConnectionId ?? "",
                    Retryable = error.IsRetryable,
                });
                session.Changed();
            }
        }
    }
}
