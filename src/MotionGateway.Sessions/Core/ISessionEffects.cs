using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>What a session's state machine wants done outside it. Called under the session's lock: must not block.</summary>
internal interface ISessionEffects
{
    /// <summary>A turn's first speech has come.</summary>
    void TurnBegan(SpeechTurn turn);

    /// <summary>A turn is over.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="discarded">With an interrupt: the sequences that it discards; null when none are.</param>
    void TurnEnded(SpeechTurn turn, SequenceSpan? discarded);

    /// <summary>A playback signal did not come in time: the turn goes on as if it had.</summary>
    void SignalMissing(SpeechTurn turn);

    /// <summary>The session is over.</summary>
    void SessionEnded(ErrorReason error, string reason);
}
