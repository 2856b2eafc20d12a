using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>The part of the session service that a relay asks.</summary>
internal sealed class FakeSessionService(FakeGatewayState state) : SessionService.SessionServiceBase
{
    // By the gateway's rules: the token is the right, and the ticket ends with it.
    public override async Task<CreateViewerTicketResponse> CreateViewerTicket(CreateViewerTicketRequest request, ServerCallContext context)
    {
        try
        {
            return await CreateAsync(request);
        }
        catch (GatewayException failure)
        {
            throw RpcErrors.Create(Failure.From(failure));
        }
    }

    private async Task<CreateViewerTicketResponse> CreateAsync(CreateViewerTicketRequest request)
    {
        var verifier = new ViewerTokenVerifier(state.Signer.GetJwks(), TimeProvider.System);
        var viewer = await verifier.VerifyAsync(request.ViewerToken, request.SessionId, "viewer_token");
        string asked = viewer.ChooseReaderId(request.ReaderId, "viewer_token");
        string readerId = asked.Length > 0 ? asked : Guid.NewGuid().ToString("N");
        var ticket = state.Signer.IssueTicket(viewer, readerId);
        return new CreateViewerTicketResponse
        {
            Ticket = ticket.Token,
            ReaderId = readerId,
            ExpireTime = Timestamp.FromDateTimeOffset(ticket.ExpireTime),
        };
    }

    public override Task<GetViewerTokenKeysResponse> GetViewerTokenKeys(GetViewerTokenKeysRequest request, ServerCallContext context)
    {
        state.Enter();
        Interlocked.Increment(ref state.KeyRequests);
        return Task.FromResult(new GetViewerTokenKeysResponse { Jwks = state.Signer.GetJwks() });
    }

    public override Task<CreateJoinTokenResponse> CreateJoinToken(CreateJoinTokenRequest request, ServerCallContext context)
    {
        state.JoinRequests.Enqueue(request);
        return state.JoinRefusal is { } refusal ? throw RpcErrors.Create(new Failure(refusal, "No.")) : Task.FromResult(state.Join);
    }
}
