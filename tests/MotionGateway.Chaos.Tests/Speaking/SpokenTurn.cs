using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Speaking;

/// <summary>A turn as its speaker knows it: what is to be said, how far it is, and what came back.</summary>
internal sealed class SpokenTurn(TurnPlan plan)
{
    private int _sent;
    private volatile TurnReport? _report;
    private volatile bool _isStopped;

    public TurnPlan Plan { get; } = plan;

    /// <summary>Its id; empty as long as an unnamed turn has none.</summary>
    public string Id { get; set; } = plan.Name;

    /// <summary>Bytes sent, of which the gateway has read as many as it says.</summary>
    public int Sent
    {
        get => Volatile.Read(ref _sent);
        set => Volatile.Write(ref _sent, value);
    }

    /// <summary>Its end was sent.</summary>
    public bool IsEndSent { get; set; }

    /// <summary>The speaker says no more of it.</summary>
    public bool IsStopped
    {
        get => _isStopped;
        set => _isStopped = value;
    }

    /// <summary>Nobody could know whether the gateway had it: it may have been sent twice.</summary>
    public bool IsSentAgain { get; set; }

    /// <summary>An interrupt named it, or all, when it had been sent: acknowledged or not.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>Somebody interrupted something before it was reported: who does not hear the end cannot know whether it was this.</summary>
    public bool MayBeInterrupted { get; set; }

    public long AcknowledgedBytes { get; set; }

    public long DiscardedBytes { get; set; }

    public TurnReport? Report
    {
        get => _report;
        set => _report = value;
    }

    public int Reports { get; set; }

    /// <summary>All that the speaker will send of it was sent.</summary>
    public bool IsSaid => IsEndSent || (IsStopped && !Plan.EndsStopped);

    public override string ToString() =>
        $"turn '{Id}' ({Plan}, sent {Sent}, acknowledged {AcknowledgedBytes}, discarded {DiscardedBytes}, interrupted {IsInterrupted}, {Report?.Outcome} {Report?.Error})";
}
