namespace MotionGateway.Sessions;

/// <summary>The right to drive a session: one speaker has it at a time.</summary>
/// <param name="Session">The session.</param>
/// <param name="Speaker">The speaker.</param>
/// <param name="ResumeToken">Secret that resumes the session.</param>
public sealed record SpeakerLease(Session Session, ISpeaker Speaker, string ResumeToken)
{
    /// <inheritdoc/>
    public override string ToString() => $"SpeakerLease {{ Session = {Session.Id} }}";
}
