using Google.Protobuf;
using Grpc.Core;
using MotionGateway.Protocol;

namespace MotionGateway.Gateway;

/// <summary>
/// Binds generated methods so that a request which does not parse is answered as malformed. Where a method takes one
/// request, the server reads it before any interceptor is asked.
/// </summary>
internal sealed class CheckedBinder(ServiceBinderBase binder) : ServiceBinderBase
{
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        binder.AddMethod(Check(method), handler);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        binder.AddMethod(Check(method), handler);

    private static Method<TRequest, TResponse> Check<TRequest, TResponse>(Method<TRequest, TResponse> method)
    {
        var requests = method.RequestMarshaller;
        return new Method<TRequest, TResponse>(
            method.Type, method.ServiceName, method.Name,
            Marshallers.Create(requests.ContextualSerializer, context => Parse(requests, context)), method.ResponseMarshaller);
    }

    private static TRequest Parse<TRequest>(Marshaller<TRequest> requests, DeserializationContext context)
    {
        try
        {
            return requests.ContextualDeserializer(context);
        }
        catch (InvalidProtocolBufferException)
        {
            throw RpcErrors.Create(Failure.From(ErrorInterceptor.Malformed()));
        }
    }
}
