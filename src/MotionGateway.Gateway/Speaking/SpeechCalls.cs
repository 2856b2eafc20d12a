using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>The gRPC service <c>SpeechService</c>.</summary>
internal sealed class SpeechCalls(SpeakServices services, OpenCalls calls) : EncodedSpeechService.EncodedSpeechServiceBase
{
    [Needs(SessionRight.Speak)]
    public override async Task Speak(
        IAsyncStreamReader<EncodedSpeakRequest> requestStream, IServerStreamWriter<EncodedResponse> responseStream,
        ServerCallContext context)
    {
        using var call = new SpeakCall(services, requestStream, responseStream, context);
        var entry = calls.Add(context, call.Responses.GoAway);
        await call.RunAsync(CallerFeature.Find(context), context.CancellationToken);
        entry.IsComplete = true;
    }
}
