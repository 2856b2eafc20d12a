using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

// Who drives the session, and what only that speaker may do.
public sealed partial class Session
{
    // The latest token, and the one whose successor it is: good until the latest has been used.
    private string _resumeToken = "";
    private string _previousToken = "";
    private SpeakerLease? _lease;
    private long _detachedAt;
    private long _toldLedger;
    private long _lostViewerEvents;
    private bool _isReadingStopped;

    /// <summary>Gives a new session its speaker.</summary>
    public SpeakerLease Attach(ISpeaker speaker)
    {
        lock (_lock)
        {
            return AttachLocked(speaker);
        }
    }

    /// <summary>Refuses a resume that could not be done, and changes nothing.</summary>
    /// <exception cref="GatewayException">The token is no good, or the session is closed.</exception>
    public void ThrowIfNotResumable(string resumeToken)
    {
        lock (_lock)
        {
            ThrowIfNotResumableLocked(resumeToken);
        }
    }

    /// <summary>Gives the session another speaker, which has a resume token; the one before is told.</summary>
    /// <returns>The lease, and the speaker's turns that are not over, in their order.</returns>
    /// <exception cref="GatewayException">The token is no good, or the session is closed.</exception>
    public (SpeakerLease Lease, IReadOnlyList<TurnProgress> Turns) Resume(string resumeToken, ISpeaker speaker)
    {
        lock (_lock)
        {
            ThrowIfNotResumableLocked(resumeToken);
            if (IsSame(resumeToken, _resumeToken))
            {
                _previousToken = _resumeToken;
            }

            _lease?.Speaker.OnSuperseded();
            var lease = AttachLocked(speaker);
            _services.Events.Resumed(Id);
            foreach (var turn in _core.Turns.Active)
            {
                turn.Trace.ResumedBy(Activity.Current);
            }

            return (lease, [.. _core.Turns.Active.Where(turn => turn.IsSpeakers).Select(ToProgress)]);
        }
    }

    /// <summary>The speaker went away; the session waits for it, unless another took its place.</summary>
    /// <param name="lease">The speaker's.</param>
    /// <param name="lostViewerEvents">Viewers' events that it was to be told, and was not.</param>
    public void Detach(SpeakerLease lease, long lostViewerEvents = 0)
    {
        lock (_lock)
        {
            _lostViewerEvents += lostViewerEvents;
            if (_lease == lease)
            {
                _lease = null;
                _detachedAt = _timeProvider.GetTimestamp();
                if (!_core.IsClosed && !_core.IsFinishing)
                {
                    _services.Events.Detached(Id, Limits.ResumeWindow.TotalSeconds);
                }

                Changed();
            }
        }
    }

    /// <summary>Reads the ledger: what the speaker must learn of its turns.</summary>
    /// <param name="position">The latest position that the speaker has; moved to that of the entry.</param>
    /// <param name="response">The first entry after it.</param>
    public bool TryReadLedger(ref long position, out SpeakResponse? response)
    {
        lock (_lock)
        {
            bool isThere = _core.Ledger.TryRead(position, out response);
            position = response?.LedgerPosition ?? position;
            return isThere;
        }
    }

    /// <summary>Takes speech from the speaker.</summary>
    /// <inheritdoc cref="SessionCore.WriteAudio"/>
    public void WriteAudio(SpeakerLease lease, string turnId, ReadOnlySpan<byte> data, bool endTurn)
    {
        lock (_lock)
        {
            ThrowIfSuperseded(lease);
            try
            {
                _core.WriteAudio(turnId, data, endTurn);
            }
            finally
            {
                Changed();
            }
        }

        _services.Metrics.SpeechReceived(data.Length);
    }

    /// <summary>Whether so much speech waits that no further request should be read; <see cref="ISpeaker.OnReadingResumed"/> tells when it may.</summary>
    /// <param name="lease">The speaker's.</param>
    /// <param name="unacknowledgedBytes">Bytes that wait.</param>
    public bool MustStopReading(SpeakerLease lease, out long unacknowledgedBytes)
    {
        lock (_lock)
        {
            unacknowledgedBytes = _core.Intake.UnacknowledgedBytes;
            bool mustStop = _lease == lease && !_core.IsClosed && !Settings.RefuseBeyondCredit
                && unacknowledgedBytes >= 2 * CreditBytesLocked();
            _isReadingStopped |= mustStop;
            return mustStop;
        }
    }

    /// <summary>The speaker has sent all of a turn.</summary>
    /// <inheritdoc cref="SessionCore.EndTurn"/>
    public void EndTurn(SpeakerLease lease, string turnId) => Command(lease, core => core.EndTurn(turnId));

    /// <summary>The speaker ends speech now.</summary>
    /// <exception cref="GatewayException">The session is closed, or another speaker drives it.</exception>
    public InterruptResult Interrupt(SpeakerLease lease, string turnId, InterruptScope scope, string reason)
    {
        lock (_lock)
        {
            ThrowIfSuperseded(lease);
            return Interrupt(turnId, scope, reason, seen: null, isSpeakers: true);
        }
    }

    /// <summary>The speaker will send no more: open turns end, and the session is closed when every turn has been heard.</summary>
    public void Finish(SpeakerLease lease) => Command(lease, core => core.Finish());

    /// <summary>The speaker closes the session, at once.</summary>
    public void Close(SpeakerLease lease, string reason) => Command(lease, core => core.Close(ErrorReason.Unspecified, reason));

    /// <summary>Holds the turn that plays.</summary>
    public void PausePlayback(SpeakerLease lease) => Command(lease, core => core.PausePlayback());

    /// <summary>Lets the held turn go on.</summary>
    public void ResumePlayback(SpeakerLease lease) => Command(lease, core => core.ResumePlayback());

    /// <inheritdoc cref="SessionCore.Send"/>
    public void Send(SpeakerLease lease, ViewerMessage message) => Command(lease, core => core.Send(message));

    private static bool IsSame(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    private static TurnProgress ToProgress(SpeechTurn turn) => new()
    {
        TurnId = turn.Id,
        ReceivedBytes = turn.ReceivedBytes,
        HandledBytes = turn.AcknowledgedBytes,
        DiscardedBytes = turn.DiscardedBytes,
        Complete = turn.IsComplete,
        Started = turn.State != TurnState.Waiting,
    };

    private void ThrowIfNotResumableLocked(string resumeToken)
    {
        if (!(IsSame(resumeToken, _resumeToken) | (_previousToken.Length > 0 && IsSame(resumeToken, _previousToken))))
        {
            throw new GatewayException(
                ErrorReason.ResumeTokenInvalid, "The resume token is not the session's latest: open a new session.")
            {
                Field = "resume.resume_token",
            };
        }

        if (_core.IsClosed)
        {
            throw new GatewayException(ErrorReason.SessionClosed, "The session is closed: open another.");
        }
    }

    private SpeakerLease AttachLocked(ISpeaker speaker)
    {
        _resumeToken = Convert.ToBase64String(RandomNumberGenerator.GetBytes(24)).Replace('+', '-').Replace('/', '_');
        _lease = new SpeakerLease(this, speaker, _resumeToken);
        _isReadingStopped = false;
        Changed();
        return _lease;
    }

    // What nobody was there for is counted to the next one that is told something.
    private void TellViewerEvent(ViewerEvent viewerEvent)
    {
        if (_lease is null)
        {
            _lostViewerEvents += 1 + viewerEvent.LostBefore;
            return;
        }

        viewerEvent.LostBefore += _lostViewerEvents;
        _lostViewerEvents = 0;
        _lease.Speaker.OnViewerEvent(viewerEvent);
    }

    private void Command(SpeakerLease lease, Action<SessionCore> command)
    {
        lock (_lock)
        {
            ThrowIfSuperseded(lease);
            try
            {
                command(_core);
            }
            finally
            {
                Changed();
            }
        }
    }

    // After a half-close the speaker is not needed any more.
    private TimeSpan? DetachedDue() => _lease is null && !_core.IsClosed && !_core.IsFinishing
        ? Limits.ResumeWindow - _timeProvider.GetElapsedTime(_detachedAt)
        : null;

    private void TellSpeaker()
    {
        if (_core.Ledger.Position != _toldLedger)
        {
            _toldLedger = _core.Ledger.Position;
            _lease?.Speaker.OnLedgerChanged();
        }

        // Not at once, so that reading does not stop and go on with each chunk.
        if (_isReadingStopped && (_core.IsClosed || _core.Intake.UnacknowledgedBytes <= CreditBytesLocked() * 7 / 4))
        {
            _isReadingStopped = false;
            _lease?.Speaker.OnReadingResumed();
        }
    }

    private void ThrowIfSuperseded(SpeakerLease lease)
    {
        if (_lease != lease)
        {
            throw new GatewayException(ErrorReason.Superseded, "Another call resumed the session and drives it now.");
        }
    }
}
