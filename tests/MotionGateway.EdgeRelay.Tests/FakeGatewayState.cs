using System.Collections.Concurrent;
using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>What a fake gateway keeps while its server is restarted.</summary>
internal sealed class FakeGatewayState
{
    public ConcurrentDictionary<string, FakeSession> Sessions { get; } = [];

    public ViewerTokenSigner Signer { get; set; } = ViewerTokenSigner.CreateInMemory(TimeProvider.System);

    public int KeyRequests;

    /// <summary>Calls so far, of any kind.</summary>
    public int Calls;

    /// <summary>What calls showed of their caller.</summary>
    public ConcurrentQueue<string> Credentials { get; } = [];

    /// <summary>Whether whoever stands before the gateway answers each call that it cannot be reached.</summary>
    public volatile bool IsDown;

    /// <summary>What feeds tell of their heartbeats within a turn, although this gateway sends none.</summary>
    public int TurnHeartbeatIntervalMs { get; set; }

    public ConcurrentQueue<CreateJoinTokenRequest> JoinRequests { get; } = [];

    /// <summary>The answer to each join; see also <see cref="JoinRefusal"/>.</summary>
    public CreateJoinTokenResponse Join { get; set; } = new();

    /// <summary>Why joins are refused; null: they are not.</summary>
    public ErrorReason? JoinRefusal { get; set; }

    /// <summary>Cancelled to end every feed.</summary>
    public CancellationTokenSource Drop { get; set; } = new();

    /// <summary>Whether each feed breaks as soon as it is open.</summary>
    public volatile bool BreaksFeeds;

    public ConcurrentBag<Task> Readings { get; } = [];

    /// <summary>Counts a call, and answers it where the gateway is not to.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref Calls);
        if (IsDown)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "down"));
        }
    }
}
