using MotionGateway.LocalMotion.Motion;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>One request of a connection, from its first audio to its last motion.</summary>
// Without a timer or a wait handle a cancellation source holds nothing to be disposed, and one may be cancelled here while the work ends.
#pragma warning disable CA1001
internal sealed class MotionRequest(string id, long startedAt, MotionMaker maker)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _abandoned = new();
    private volatile bool _isAbandoned;

    public string Id => id;

    /// <summary>When the first audio arrived, in the time provider's timestamps.</summary>
    public long StartedAt => startedAt;

    public MotionMaker Maker => maker;

    /// <summary>Bytes of audio received.</summary>
    public long ReceivedBytes { get; set; }

    public bool IsAbandoned => _isAbandoned;

    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Gives it up. Work that is being done learns of it by <see cref="StopWork"/>.</summary>
    public void Abandon() => _isAbandoned = true;

    /// <summary>Ends the work on a request that is given up. What waits there goes on within this call, so not under a lock.</summary>
    public void StopWork() => _abandoned.Cancel();
}
