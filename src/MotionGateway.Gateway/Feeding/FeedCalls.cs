using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>The gRPC service <c>FeedService</c>.</summary>
internal sealed class FeedCalls(FeedServices services, OpenCalls calls) : EncodedFeedService.EncodedFeedServiceBase
{
    [Needs(SessionRight.Read, OrViewerToken = true)]
    public override async Task Subscribe(
        IAsyncStreamReader<SubscribeRequest> requestStream, IServerStreamWriter<EncodedResponse> responseStream,
        ServerCallContext context)
    {
        using var call = new SubscribeCall(services, requestStream, responseStream, context);
        var entry = calls.Add(context, call.Responses.GoAway);
        await call.RunAsync(CallerFeature.Find(context), context.CancellationToken);
        entry.IsComplete = true;
    }
}
