using System.Buffers;
using Google.Protobuf;
using Grpc.Core;

namespace MotionGateway.Protocol;

/// <summary>The marshallers of the hand-written methods: as the generated stubs have them, but for the encoded response.</summary>
internal static class EncodedMarshallers
{
    public static Marshaller<EncodedResponse> Response { get; } = Marshallers.Create(Serialize, Deserialize);

    public static Marshaller<EncodedSpeakRequest> SpeakRequest { get; } = Marshallers.Create(
        static (request, context) => Serialize(request.Message ?? throw new NotSupportedException("Speech is read in place, and not written."), context),
        static context => EncodedSpeakRequest.Read(context.PayloadAsReadOnlySequence()));

    public static Marshaller<T> Of<T>(MessageParser<T> parser)
        where T : IMessage<T> =>
        Marshallers.Create((message, context) => Serialize(message, context), context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));

    private static void Serialize(EncodedResponse response, SerializationContext context)
    {
        if (response.Message is { } message)
        {
            Serialize(message, context);
            return;
        }

        context.SetPayloadLength(response.Bytes.Length);
        context.GetBufferWriter().Write(response.Bytes.Span);
        context.Complete();
    }

    private static void Serialize(IMessage message, SerializationContext context)
    {
        context.SetPayloadLength(message.CalculateSize());
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    private static EncodedResponse Deserialize(DeserializationContext context) => EncodedResponse.Copy(context.PayloadAsReadOnlySequence());
}
