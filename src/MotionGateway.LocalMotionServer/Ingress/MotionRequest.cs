using MotionGateway.LocalMotion.Motion;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>One request of a connection, from its first audio to its last motion.</summary>
// Without a timer or a wait handle a cancellation source holds nothing to be disposed, and one may be cancelled here while the work ends.
#pragma warning disable CA1001
internal sealed class MotionRequest(string id, MotionMaker maker, TimeProvider timeProvider)
#pragma warning restore CA1001
{
    // How often motion is sent while speech comes at its own pace, and how far ahead of that pace it may be.
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LiveLead = TimeSpan.FromMilliseconds(500);

    private readonly long _startedAt = timeProvider.GetTimestamp();
    private TimeSpan _lastSent;
    private readonly CancellationTokenSource _abandoned = new();
    private volatile bool _isAbandoned;

    public string Id => id;

    /// <summary>Time since the first audio.</summary>
    public TimeSpan Age => timeProvider.GetElapsedTime(_startedAt);

    public MotionMaker Maker => maker;

    /// <summary>Bytes of audio received.</summary>
    public long ReceivedBytes { get; set; }

    /// <summary>In how long motion short of a whole segment is due, as long as no more speech comes; null when there is none.</summary>
    public TimeSpan? ReadyIn
    {
        get
        {
            TimeSpan interval = _lastSent + LiveInterval, pace = maker.Made - LiveLead;
            return maker.IsAnyReady && !IsAbandoned ? (interval > pace ? interval : pace) - Age : null;
        }
    }

    public bool IsAbandoned => _isAbandoned;

    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Motion has been sent.</summary>
    public void Sent() => _lastSent = Age;

    /// <summary>Gives it up. Work that is being done learns of it by <see cref="StopWork"/>.</summary>
    public void Abandon() => _isAbandoned = true;

    /// <summary>Ends the work on a request that is given up. What waits there goes on within this call, so not under a lock.</summary>
    public void StopWork() => _abandoned.Cancel();
}
