using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>How the messages of a feed are written, whatever carries them.</summary>
internal interface IFeedFormat
{
    /// <summary>What a viewer asks for it by: the subprotocol of a WebSocket.</summary>
    string Name { get; }

    /// <summary>What carries it, as viewers are counted by it.</summary>
    string Transport => "websocket";

    /// <summary>Who of the two says that it is there when it has nothing else to say.</summary>
    FeedHeartbeats Heartbeats => FeedHeartbeats.OfBoth;

    /// <summary>Whether a message goes as text, in UTF-8; else it is binary.</summary>
    bool IsText(ReadOnlySpan<byte> message);

    /// <summary>Whether the viewer may send messages of that type.</summary>
    bool Takes(bool isText);

    /// <summary>A response that only this viewer gets. Here and below: empty when the format says nothing of it, or not yet.</summary>
    ReadOnlyMemory<byte> Encode(SubscribeResponse response);

    /// <summary>A serialized response that only this viewer gets.</summary>
    ReadOnlyMemory<byte> Encode(ReadOnlyMemory<byte> response);

    /// <summary>An entry of the window: made once for all viewers of the format.</summary>
    ReadOnlyMemory<byte> Encode(LogEntry entry);

    /// <exception cref="GatewayException">The message cannot be parsed. The text quotes nothing of it: it may hold a token.</exception>
    SubscribeRequest Decode(ReadOnlyMemory<byte> message);
}
