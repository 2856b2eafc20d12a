using System.Buffers;
using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Serialized messages: an entry's bytes are passed on as the gateway sent them.</summary>
internal sealed class ProtobufFormat : IFeedFormat
{
    public string Name => "motiongateway.v1";

    public bool IsText(ReadOnlySpan<byte> message) => false;

    public bool Takes(bool isText) => !isText;

    public ReadOnlyMemory<byte> Encode(SubscribeResponse response) => response.ToByteArray();

    public ReadOnlyMemory<byte> Encode(ReadOnlyMemory<byte> response) => response;

    public ReadOnlyMemory<byte> Encode(LogEntry entry) => entry.Encoded;

    public SubscribeRequest Decode(ReadOnlyMemory<byte> message)
    {
        try
        {
            return SubscribeRequest.Parser.ParseFrom(new ReadOnlySequence<byte>(message));
        }
        catch (InvalidProtocolBufferException)
        {
            throw new GatewayException(ErrorReason.MalformedRequest, "The message is no serialized motiongateway.v1.SubscribeRequest.");
        }
    }
}
