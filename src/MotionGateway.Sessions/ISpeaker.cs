using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// Whoever drives a session, as the session sees it. Called under the session's lock: implementations only note what
/// happened and return.
/// </summary>
public interface ISpeaker
{
    /// <summary>Audio is handled.</summary>
    /// <param name="turnId">The turn.</param>
    /// <param name="bytes">Bytes of the turn handled so far.</param>
    /// <param name="discardedBytes">Of those, bytes discarded.</param>
    void OnAudioAcknowledged(string turnId, long bytes, long discardedBytes);

    /// <summary>Times of a turn are known.</summary>
    void OnTurnReport(TurnReport report);

    /// <summary>The Motion Server failed; the session goes on.</summary>
    void OnMotionServerFailure(MotionServerFailure failure);

    /// <summary>Something came from a viewer.</summary>
    void OnViewerEvent(ViewerEvent viewerEvent);

    /// <summary>Another speaker took this one's place.</summary>
    void OnSuperseded();

    /// <summary>The session is closed.</summary>
    void OnSessionEnded(ErrorReason error, string reason);
}
