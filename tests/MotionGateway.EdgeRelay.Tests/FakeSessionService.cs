using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>The part of the session service that a relay asks.</summary>
internal sealed class FakeSessionService(FakeGatewayState state) : SessionService.SessionServiceBase
{
    public override Task<GetViewerTokenKeysResponse> GetViewerTokenKeys(GetViewerTokenKeysRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref state.KeyRequests);
        return Task.FromResult(new GetViewerTokenKeysResponse { Jwks = state.Signer.GetJwks() });
    }
}
