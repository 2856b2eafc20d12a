using Google.Protobuf.Reflection;
using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Protocol;

/// <summary><c>FeedService</c> as a server implements it that has its responses encoded already.</summary>
public static class EncodedFeedService
{
    internal static Method<SubscribeRequest, EncodedResponse> SubscribeMethod { get; } = new(
        MethodType.DuplexStreaming,
        "motiongateway.v1.FeedService",
        "Subscribe",
        EncodedMarshallers.Of(SubscribeRequest.Parser),
        EncodedMarshallers.Response);

    /// <summary>The service's descriptor, for reflection.</summary>
    public static ServiceDescriptor Descriptor => FeedReflection.Descriptor.FindTypeByName<ServiceDescriptor>("FeedService");

    /// <summary>Binds an implementation; called by the gRPC server.</summary>
    /// <param name="serviceBinder">Takes the methods.</param>
    /// <param name="serviceImpl">The implementation; null where only the methods' shapes are asked for.</param>
    public static void BindService(ServiceBinderBase serviceBinder, EncodedFeedServiceBase? serviceImpl)
    {
        ArgumentNullException.ThrowIfNull(serviceBinder);
        serviceBinder.AddMethod(
            SubscribeMethod, serviceImpl is null ? null : new DuplexStreamingServerMethod<SubscribeRequest, EncodedResponse>(serviceImpl.Subscribe));
    }

    /// <summary>Base of an implementation.</summary>
    [BindServiceMethod(typeof(EncodedFeedService), nameof(BindService))]
    public abstract class EncodedFeedServiceBase
    {
        /// <summary>Follows a session's log from a position.</summary>
        /// <param name="requestStream">The requests.</param>
        /// <param name="responseStream">The responses: serialized <c>SubscribeResponse</c> messages.</param>
        /// <param name="context">The call.</param>
        public virtual Task Subscribe(
            IAsyncStreamReader<SubscribeRequest> requestStream,
            IServerStreamWriter<EncodedResponse> responseStream,
            ServerCallContext context) =>
            throw new RpcException(new Status(StatusCode.Unimplemented, "The method is not implemented."));
    }
}
