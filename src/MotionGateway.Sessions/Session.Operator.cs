using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

// What operators and viewers may do, whoever the speaker is.
public sealed partial class Session
{
    /// <summary>Ends speech now, whoever the speaker is.</summary>
    /// <param name="turnId">The turn; empty: by scope.</param>
    /// <param name="scope">What is ended.</param>
    /// <param name="reason">For viewers.</param>
    /// <param name="seen">Up to where the sender had seen the log: an interrupt of everything since then makes this one do nothing. Null: it is done.</param>
    /// <exception cref="GatewayException">The session is closed.</exception>
    public InterruptResult Interrupt(string turnId, InterruptScope scope, string reason, LogPosition? seen) =>
        Interrupt(turnId, scope, reason, seen, isSpeakers: false);

    /// <summary>Says PCM as a turn of its own, beside the speaker's.</summary>
    /// <param name="turnId">The turn's id.</param>
    /// <param name="samples">Signed 16-bit little-endian samples.</param>
    /// <exception cref="GatewayException">The session is closed, or too many turns wait.</exception>
    public void Say(string turnId, ReadOnlySpan<byte> samples)
    {
        lock (_lock)
        {
            _core.Say(turnId, samples);
            Changed();
        }
    }

    /// <summary>
    /// Something came from a viewer: an interrupt is done, the playback clock learns of its playback, and the speaker is
    /// told. A closed session takes no notice.
    /// </summary>
    public void ViewerEvent(ViewerEvent viewerEvent)
    {
        lock (_lock)
        {
            if (_core.IsClosed)
            {
                return;
            }

            if (viewerEvent.Interrupt is { } interrupt)
            {
                var seen = interrupt.Position is { } position ? new LogPosition(position.Epoch, position.Sequence) : (LogPosition?)null;
                Interrupted(_core.Interrupt(interrupt.TurnId, InterruptScope.Unspecified, interrupt.Reason, seen, isSpeakers: false), "a viewer");
            }
            else if (viewerEvent.Playback is { } report)
            {
                _core.ReportPlayback(report.TurnId, report.PlayedSamples);
            }

            Changed();
            TellViewerEvent(viewerEvent);
        }
    }

    /// <summary>Sets a signal at every change until the result is disposed.</summary>
    public IDisposable Watch(AsyncSignal changed)
    {
        lock (_lock)
        {
            _watchers.Add(changed);
        }

        return new Watcher(this, changed);
    }

    /// <summary>Closes the session. A closed session stays closed.</summary>
    /// <param name="error">Unspecified when it is closed on request.</param>
    /// <param name="reason">For viewers.</param>
    public void Close(ErrorReason error, string reason)
    {
        lock (_lock)
        {
            _core.Close(error, reason);
            Changed();
        }
    }

    /// <summary>Takes no more speech, and closes the session when all has been heard.</summary>
    public void CloseWhenHeard()
    {
        lock (_lock)
        {
            _core.Finish();
            Changed();
        }
    }

    private InterruptResult Interrupt(string turnId, InterruptScope scope, string reason, LogPosition? seen, bool isSpeakers)
    {
        lock (_lock)
        {
            try
            {
                return Interrupted(_core.Interrupt(turnId, scope, reason, seen, isSpeakers), isSpeakers ? "the speaker" : "an operator");
            }
            finally
            {
                Changed();
            }
        }
    }

    private InterruptResult Interrupted(InterruptResult result, string by)
    {
        if (!result.AlreadyEnded)
        {
            _services.Metrics.Turns.Interrupted();
            _services.Events.Interrupted(Id, by, result.TurnId, result.PlayedSamples, result.FurtherTurnIds.Count);
        }

        return result;
    }

    private sealed class Watcher(Session session, AsyncSignal changed) : IDisposable
    {
        public void Dispose()
        {
            lock (session._lock)
            {
                session._watchers.Remove(changed);
            }
        }
    }
}
