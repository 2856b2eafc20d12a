using System.Collections.Concurrent;
using MotionGateway.Protocol;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>What a fake gateway keeps while its server is restarted.</summary>
internal sealed class FakeGatewayState
{
    public ConcurrentDictionary<string, FakeSession> Sessions { get; } = [];

    public ViewerTokenSigner Signer { get; set; } = ViewerTokenSigner.CreateInMemory(TimeProvider.System);

    public int KeyRequests;

    /// <summary>Cancelled to end every feed.</summary>
    public CancellationTokenSource Drop { get; set; } = new();

    public ConcurrentBag<Task> Readings { get; } = [];
}
