using Grpc.Core;
using Microsoft.Extensions.Options;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>The gRPC service <c>FeedService</c>.</summary>
internal sealed class FeedCalls(
    SessionHost host, ViewerTokenVerifier tokens, IOptions<GatewayOptions> options, ReaderDirectory readers, OpenCalls calls,
    TimeProvider timeProvider, ILogger<FeedCalls> logger)
    : EncodedFeedService.EncodedFeedServiceBase
{
    public override Task Subscribe(
        IAsyncStreamReader<SubscribeRequest> requestStream, IServerStreamWriter<EncodedResponse> responseStream,
        ServerCallContext context) =>
        GatewayErrors.AnswerAsync(
            async () =>
            {
                using var call = new SubscribeCall(
                    host, tokens, readers, options.Value, timeProvider, requestStream, responseStream);
                using var entry = calls.Add(call.Responses);
                await call.RunAsync(context.CancellationToken);
                return true;
            },
            logger, context);
}
