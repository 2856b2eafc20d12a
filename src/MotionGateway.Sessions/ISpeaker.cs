using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// Whoever drives a session, as the session sees it. Called under the session's lock: implementations only note what
/// happened and return.
/// </summary>
public interface ISpeaker
{
    /// <summary>There is something new in the session's ledger, see <see cref="Session.TryReadLedger"/>.</summary>
    void OnLedgerChanged();

    /// <summary>So much speech was handled that requests may be read again.</summary>
    void OnReadingResumed();

    /// <summary>Something came from a viewer.</summary>
    void OnViewerEvent(ViewerEvent viewerEvent);

    /// <summary>Another speaker took this one's place.</summary>
    void OnSuperseded();

    /// <summary>The session is closed.</summary>
    void OnSessionEnded(ErrorReason error, string reason);
}
