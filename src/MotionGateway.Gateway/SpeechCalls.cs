using Grpc.Core;
using Microsoft.Extensions.Options;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>The gRPC service <c>SpeechService</c>.</summary>
internal sealed class SpeechCalls(
    SessionHost host, ViewerTokenSigner tokens, IOptions<GatewayOptions> options, OpenCalls calls, TimeProvider timeProvider,
    ILogger<SpeechCalls> logger)
    : EncodedSpeechService.EncodedSpeechServiceBase
{
    public override Task Speak(
        IAsyncStreamReader<SpeakRequest> requestStream, IServerStreamWriter<EncodedResponse> responseStream,
        ServerCallContext context) =>
        GatewayErrors.AnswerAsync(
            async () =>
            {
                using var call = new SpeakCall(host, tokens, options.Value, timeProvider, requestStream, responseStream);
                using var entry = calls.Add(call.Responses);
                await call.RunAsync(context.CancellationToken);
                return true;
            },
            logger, context);
}
