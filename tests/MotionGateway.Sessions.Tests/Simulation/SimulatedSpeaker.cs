using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Simulation;

/// <summary>Notes what a speaker is told.</summary>
internal sealed class SimulatedSpeaker : ISpeaker
{
    public int LedgerChanges { get; private set; }

    public int ReadingResumed { get; private set; }

    public bool IsSuperseded { get; private set; }

    public List<ViewerEvent> ViewerEvents { get; } = [];

    public (ErrorReason Error, string Reason)? Ended { get; private set; }

    public void OnLedgerChanged() => LedgerChanges++;

    public void OnReadingResumed() => ReadingResumed++;

    public void OnViewerEvent(ViewerEvent viewerEvent) => ViewerEvents.Add(viewerEvent);

    public void OnSuperseded() => IsSuperseded = true;

    public void OnSessionEnded(ErrorReason error, string reason) => Ended = (error, reason);
}
