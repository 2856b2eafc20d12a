using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>One connection to the Motion Server. What it holds is guarded by the session's lock.</summary>
internal sealed class MotionLeg(IMotionConnection connection, long openedAt)
{
    private readonly Queue<(MotionRequest Request, LegControl Control)> _controls = new();

    public IMotionConnection Connection { get; } = connection;

    public long OpenedAt { get; } = openedAt;

    /// <summary>Over it the Motion Server publishes into a room.</summary>
    public bool HasEgress { get; init; }

    /// <summary>It has ended, or is given up.</summary>
    public bool IsLost { get; set; }

    /// <summary>The failure of a request of it that was told last; null when none was.</summary>
    public MotionServerErrorCode? Told { get; set; }

    /// <summary>Requests whose motion is still read; with egress none is.</summary>
    public int OpenRequests { get; set; }

    public bool HasControl => _controls.Count > 0;

    /// <summary>Nothing of a request is wanted any more.</summary>
    public void Abandon(MotionRequest request) => Add(request, LegControl.Interrupt);

    /// <summary>No more speech comes for a request; its motion is still wanted.</summary>
    public void End(MotionRequest request) => Add(request, LegControl.End);

    /// <summary>A request's playback is to be held.</summary>
    public void Pause(MotionRequest request) => Add(request, LegControl.Pause);

    /// <summary>A request's held playback is to go on.</summary>
    public void Resume(MotionRequest request) => Add(request, LegControl.Resume);

    public bool TryTakeControl(out (MotionRequest Request, LegControl Control) control) => _controls.TryDequeue(out control);

    // A request that has not been made yet says nothing: whoever makes it looks whether it is still wanted.
    private void Add(MotionRequest request, LegControl control)
    {
        if (request is { Handle: not null, IsOver: false } && !IsLost)
        {
            _controls.Enqueue((request, control));
        }
    }
}
