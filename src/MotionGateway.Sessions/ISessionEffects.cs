using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>What a session's state machine wants done outside it. Called under the session's lock: must not block.</summary>
internal interface ISessionEffects
{
    /// <summary>Send a turn's speech to the Motion Server.</summary>
    void SendAudio(SpeechTurn turn, ReadOnlyMemory<byte> samples, bool end);

    /// <summary>The turn is over: whatever its request still has under way is not wanted.</summary>
    void AbandonRequest(SpeechTurn turn);

    /// <summary>The Motion Server makes no progress.</summary>
    void MotionStalled(SpeechTurn turn);

    /// <summary>Audio of the speaker is handled.</summary>
    void AcknowledgeAudio(string turnId, long bytes, long discardedBytes);

    /// <summary>A turn's media is all in the log, or never will be.</summary>
    void ReportTurn(SpeechTurn turn);

    /// <summary>A turn is over.</summary>
    void TurnEnded(SpeechTurn turn, SequenceSpan? discarded);

    /// <summary>The session is over.</summary>
    void SessionEnded(ErrorReason error, string reason);
}
