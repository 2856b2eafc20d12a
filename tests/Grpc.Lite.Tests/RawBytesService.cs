using System.Buffers;
using Grpc.Core;

namespace Grpc.Lite.Tests;

/// <summary>
/// A service written by hand over marshallers of its own, as the stubs of payloads are that were encoded before: responses are
/// bytes that go out as they are, in two pieces.
/// </summary>
public static class RawBytesService
{
    private static readonly Marshaller<byte[]> Requests = Marshallers.Create(bytes => bytes, bytes => bytes);

    private static readonly Marshaller<RawResponse> Responses = Marshallers.Create(
        static (RawResponse response, SerializationContext context) =>
        {
            if (response.TellsLength)
            {
                context.SetPayloadLength(response.Head.Length + response.Tail.Length);
            }

            var writer = context.GetBufferWriter();
            writer.Write(response.Head);
            writer.Write(response.Tail);
            context.Complete();
        },
        static context =>
        {
            var payload = context.PayloadAsReadOnlySequence();
            return new RawResponse(payload.ToArray(), [], context.PayloadLength == payload.Length);
        });

    /// <summary>Answers each request with its bytes twice.</summary>
    public static readonly Method<byte[], RawResponse> Twice =
        new(MethodType.DuplexStreaming, "grpclite.test.v1.RawBytesService", "Twice", Requests, Responses);

    /// <summary>Answers with the request's bytes twice.</summary>
    public static readonly Method<byte[], RawResponse> TwiceOnce =
        new(MethodType.Unary, "grpclite.test.v1.RawBytesService", "TwiceOnce", Requests, Responses);

    /// <summary>What a server calls to learn the methods.</summary>
    public static void BindService(ServiceBinderBase serviceBinder, RawBytesServiceBase? serviceImpl)
    {
        ArgumentNullException.ThrowIfNull(serviceBinder);
        serviceBinder.AddMethod(Twice, serviceImpl is null ? null : new DuplexStreamingServerMethod<byte[], RawResponse>(serviceImpl.Twice));
        serviceBinder.AddMethod(TwiceOnce, serviceImpl is null ? null : new UnaryServerMethod<byte[], RawResponse>(serviceImpl.TwiceOnce));
    }

    /// <summary>The base of the service.</summary>
    [BindServiceMethod(typeof(RawBytesService), "BindService")]
    public abstract class RawBytesServiceBase
    {
        /// <summary>Answers each request.</summary>
        public virtual Task Twice(IAsyncStreamReader<byte[]> requestStream, IServerStreamWriter<RawResponse> responseStream, ServerCallContext context) =>
            throw new RpcException(new Status(StatusCode.Unimplemented, ""));

        /// <summary>Answers the request.</summary>
        public virtual Task<RawResponse> TwiceOnce(byte[] request, ServerCallContext context) =>
            throw new RpcException(new Status(StatusCode.Unimplemented, ""));
    }
}
