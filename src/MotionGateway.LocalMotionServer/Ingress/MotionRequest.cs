using MotionGateway.LocalMotion.Motion;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>One request of a connection, from its first audio to its last motion.</summary>
internal sealed class MotionRequest(string id, long startedAt, MotionMaker maker) : IDisposable
{
    private readonly CancellationTokenSource _abandoned = new();

    public string Id => id;

    /// <summary>When the first audio arrived, in the time provider's timestamps.</summary>
    public long StartedAt => startedAt;

    public MotionMaker Maker => maker;

    /// <summary>Bytes of audio received.</summary>
    public long ReceivedBytes { get; set; }

    public bool IsAbandoned => _abandoned.IsCancellationRequested;

    public CancellationToken Abandoned => _abandoned.Token;

    public void Abandon() => _abandoned.Cancel();

    public void Dispose() => _abandoned.Dispose();
}
