using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>How messages look on a viewer's socket, by the subprotocol that it asked for.</summary>
internal sealed class FeedEncoding
{
    private static readonly JsonParser JsonParser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private FeedEncoding(string subprotocol, WebSocketMessageType messageType)
    {
        Subprotocol = subprotocol;
        MessageType = messageType;
    }

    /// <summary>Serialized messages.</summary>
    public static FeedEncoding Binary { get; } = new("motiongateway.v1", WebSocketMessageType.Binary);

    /// <summary>Protobuf JSON.</summary>
    public static FeedEncoding Json { get; } = new("motiongateway.v1+json", WebSocketMessageType.Text);

    public string Subprotocol { get; }

    public WebSocketMessageType MessageType { get; }

    private bool IsJson => this == Json;

    /// <summary>The first one that the viewer offers and the relay speaks; null when there is none.</summary>
    public static FeedEncoding? Choose(IEnumerable<string> subprotocols)
    {
        foreach (string subprotocol in subprotocols)
        {
            if (subprotocol == Binary.Subprotocol)
            {
                return Binary;
            }

            if (subprotocol == Json.Subprotocol)
            {
                return Json;
            }
        }

        return null;
    }

    public ReadOnlyMemory<byte> Encode(SubscribeResponse response) =>
        IsJson ? Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(response)) : response.ToByteArray();

    /// <summary>An entry of the window: its JSON is made once for all viewers.</summary>
    public ReadOnlyMemory<byte> Encode(LogEntry entry) => IsJson ? entry.Json : entry.Encoded;

    /// <summary>A response that only this viewer gets.</summary>
    public ReadOnlyMemory<byte> Encode(ReadOnlyMemory<byte> response) =>
        IsJson ? Encode(SubscribeResponse.Parser.ParseFrom(response.Span)) : response;

    /// <exception cref="GatewayException">The message cannot be parsed.</exception>
    public SubscribeRequest Decode(ReadOnlyMemory<byte> message)
    {
        try
        {
            return IsJson
                ? JsonParser.Parse<SubscribeRequest>(Encoding.UTF8.GetString(message.Span))
                : SubscribeRequest.Parser.ParseFrom(new ReadOnlySequence<byte>(message));
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException
            or FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            // The parser's text may quote the message, which may hold a token.
            throw new GatewayException(
                ErrorReason.MalformedRequest,
                $"The message is no {(IsJson ? "protobuf JSON" : "serialized")} motiongateway.v1.SubscribeRequest.");
        }
    }
}
