using System.Security.Cryptography;
using System.Text;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

// Who drives the session, and what only that speaker may do.
public sealed partial class Session
{
    /// <summary>Gives a new session its speaker.</summary>
    public SpeakerLease Attach(ISpeaker speaker)
    {
        lock (_lock)
        {
            return AttachLocked(speaker);
        }
    }

    /// <summary>Refuses a resume that could not be done, and changes nothing.</summary>
    /// <exception cref="GatewayException">The token is not the latest one, or the session is closed.</exception>
    public void ThrowIfNotResumable(string resumeToken)
    {
        lock (_lock)
        {
            ThrowIfNotResumableLocked(resumeToken);
        }
    }

    /// <summary>Gives the session another speaker, which has its latest resume token; the one before is told.</summary>
    /// <returns>The lease, and the turn that is open for audio with the caller's bytes of it that were accepted.</returns>
    /// <exception cref="GatewayException">The token is not the latest one, or the session is closed.</exception>
    public (SpeakerLease Lease, string OpenTurnId, long OpenTurnBytes) Resume(string resumeToken, ISpeaker speaker)
    {
        lock (_lock)
        {
            ThrowIfNotResumableLocked(resumeToken);
            _lease?.Speaker.OnSuperseded();
            var lease = AttachLocked(speaker);
            return (lease, _core.OpenTurn?.Id ?? "", _core.OpenTurn?.ReceivedBytes ?? 0);
        }
    }

    /// <summary>The speaker went away; the session waits for it. Nothing happens when another took its place.</summary>
    public void Detach(SpeakerLease lease)
    {
        lock (_lock)
        {
            if (_lease == lease)
            {
                _lease = null;
                _detachedAt = _timeProvider.GetTimestamp();
                Changed();
            }
        }
    }

    /// <summary>Takes speech from the speaker.</summary>
    /// <inheritdoc cref="SessionCore.WriteAudio"/>
    public void WriteAudio(SpeakerLease lease, string turnId, ReadOnlyMemory<byte> data, bool endTurn)
    {
        lock (_lock)
        {
            ThrowIfSuperseded(lease);
            _core.WriteAudio(turnId, data, endTurn);
            Changed();
        }

        _metrics.AudioReceived(data.Length);
    }

    /// <summary>The speaker has sent all of a turn.</summary>
    /// <inheritdoc cref="SessionCore.EndTurn"/>
    public void EndTurn(SpeakerLease lease, string turnId) => Command(lease, core => core.EndTurn(turnId));

    /// <summary>The speaker will send no more: the open turn ends, and the session is closed when every turn has ended.</summary>
    /// <inheritdoc cref="SessionCore.Finish"/>
    public void Finish(SpeakerLease lease) => Command(lease, core => core.Finish());

    /// <summary>Holds the turn that plays.</summary>
    public void PausePlayback(SpeakerLease lease) => Command(lease, core => core.PausePlayback());

    /// <summary>Lets the held turn go on.</summary>
    public void ResumePlayback(SpeakerLease lease) => Command(lease, core => core.ResumePlayback());

    /// <summary>Appends a message to all viewers.</summary>
    public void Send(SpeakerLease lease, ViewerMessage message) => Command(lease, core => core.Send(message));

    private void ThrowIfNotResumableLocked(string resumeToken)
    {
        if (!CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(resumeToken), Encoding.UTF8.GetBytes(_resumeToken)))
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
        Changed();
        return _lease;
    }

    private void Command(SpeakerLease lease, Action<SessionCore> command)
    {
        lock (_lock)
        {
            ThrowIfSuperseded(lease);
            command(_core);
            Changed();
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
