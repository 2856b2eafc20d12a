using System.Text;
using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Protobuf JSON: an entry's text is made once, and counts among the bytes of the window.</summary>
internal sealed class ProtobufJsonFormat : IFeedFormat, IFrameFormat
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public string Name => "motiongateway.v1+json";

    public bool IsText(ReadOnlySpan<byte> message) => true;

    public bool Takes(bool isText) => isText;

    public ReadOnlyMemory<byte> Encode(SubscribeResponse response) => Write(response);

    public ReadOnlyMemory<byte> Encode(ReadOnlyMemory<byte> response) => CreateFrame(response);

    public ReadOnlyMemory<byte> Encode(LogEntry entry) => entry.GetFrame(this);

    public byte[] CreateFrame(ReadOnlyMemory<byte> encoded) => Write(SubscribeResponse.Parser.ParseFrom(encoded.Span));

    public SubscribeRequest Decode(ReadOnlyMemory<byte> message)
    {
        try
        {
            return Parser.Parse<SubscribeRequest>(Encoding.UTF8.GetString(message.Span));
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException
            or FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            throw new GatewayException(ErrorReason.MalformedRequest, "The message is no protobuf JSON motiongateway.v1.SubscribeRequest.");
        }
    }

    private static byte[] Write(SubscribeResponse response) => Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(response));
}
