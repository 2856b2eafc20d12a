using Google.Protobuf.Reflection;
using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Protocol;

/// <summary><c>SpeechService</c> as a server implements it that takes speech as the bytes that come, and has its responses encoded already.</summary>
public static class EncodedSpeechService
{
    internal static Method<EncodedSpeakRequest, EncodedResponse> SpeakMethod { get; } = new(
        MethodType.DuplexStreaming,
        "motiongateway.v1.SpeechService",
        "Speak",
        EncodedMarshallers.SpeakRequest,
        EncodedMarshallers.Response);

    /// <summary>The service's descriptor, for reflection.</summary>
    public static ServiceDescriptor Descriptor => SpeechReflection.Descriptor.FindTypeByName<ServiceDescriptor>("SpeechService");

    /// <summary>Binds an implementation; called by the gRPC server.</summary>
    /// <param name="serviceBinder">Takes the methods.</param>
    /// <param name="serviceImpl">The implementation; null where only the methods' shapes are asked for.</param>
    public static void BindService(ServiceBinderBase serviceBinder, EncodedSpeechServiceBase? serviceImpl)
    {
        ArgumentNullException.ThrowIfNull(serviceBinder);
        serviceBinder.AddMethod(
            SpeakMethod, serviceImpl is null ? null : new DuplexStreamingServerMethod<EncodedSpeakRequest, EncodedResponse>(serviceImpl.Speak));
    }

    /// <summary>Base of an implementation.</summary>
    [BindServiceMethod(typeof(EncodedSpeechService), nameof(BindService))]
    public abstract class EncodedSpeechServiceBase
    {
        /// <summary>Drives one session.</summary>
        /// <param name="requestStream">The requests; each to be disposed when it has been read.</param>
        /// <param name="responseStream">The responses: serialized <c>SpeakResponse</c> messages.</param>
        /// <param name="context">The call.</param>
        public virtual Task Speak(
            IAsyncStreamReader<EncodedSpeakRequest> requestStream,
            IServerStreamWriter<EncodedResponse> responseStream,
            ServerCallContext context) =>
            throw new RpcException(new Status(StatusCode.Unimplemented, "The method is not implemented."));
    }
}
