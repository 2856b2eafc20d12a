using Grpc.Core;
using MotionGateway.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace MotionGateway.Gateway;

/// <summary>
/// <c>SessionService</c>, bound so that a request which does not parse is answered as malformed. A method of the protos that
/// is missing here fails the start.
/// </summary>
internal static class CheckedSessionService
{
    /// <summary>The service's descriptor, for reflection.</summary>
    public static ServiceDescriptor Descriptor => SessionService.Descriptor;

    /// <summary>Binds an implementation; called by the gRPC server, which wants the methods' shapes only.</summary>
    /// <param name="serviceBinder">Takes the methods.</param>
    /// <param name="serviceImpl">Not used.</param>
    public static void BindService(ServiceBinderBase serviceBinder, CheckedSessionServiceBase? serviceImpl) =>
        SessionService.BindService(new CheckedBinder(serviceBinder), serviceImpl: null);

    /// <summary>Base of an implementation: the server takes only methods that are declared where it finds the binder.</summary>
    [BindServiceMethod(typeof(CheckedSessionService), nameof(BindService))]
    public abstract class CheckedSessionServiceBase
    {
        public abstract Task<GetSessionResponse> GetSession(GetSessionRequest request, ServerCallContext context);

        public abstract Task<ListSessionsResponse> ListSessions(ListSessionsRequest request, ServerCallContext context);

        public abstract Task WatchSession(
            WatchSessionRequest request, IServerStreamWriter<WatchSessionResponse> responseStream, ServerCallContext context);

        public abstract Task<InterruptSessionResponse> InterruptSession(InterruptSessionRequest request, ServerCallContext context);

        public abstract Task<CloseSessionResponse> CloseSession(CloseSessionRequest request, ServerCallContext context);

        public abstract Task<CreateViewerTokenResponse> CreateViewerToken(CreateViewerTokenRequest request, ServerCallContext context);

        public abstract Task<CreateViewerTicketResponse> CreateViewerTicket(CreateViewerTicketRequest request, ServerCallContext context);

        public abstract Task<CreateJoinTokenResponse> CreateJoinToken(CreateJoinTokenRequest request, ServerCallContext context);

        public abstract Task<GetViewerTokenKeysResponse> GetViewerTokenKeys(GetViewerTokenKeysRequest request, ServerCallContext context);

        public abstract Task<SayTestToneResponse> SayTestTone(SayTestToneRequest request, ServerCallContext context);
    }
}
