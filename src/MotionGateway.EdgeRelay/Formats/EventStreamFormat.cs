using System.Globalization;
using System.Text;
using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Server-sent events: each response in protobuf JSON as the data of one event, with its position as the event's id, so that a
/// browser comes back to where it was. An entry's event is made once, and counts among the bytes of the window.
/// </summary>
internal sealed class EventStreamFormat : IFeedFormat, IFrameFormat
{
    /// <summary>The id behind which nothing follows.</summary>
    public const string EndId = "end";

    // Browsers that lose a relay do not come back all at once.
    private const int SoonestReturnMs = 500;
    private const int LatestReturnMs = 3000;

    private static readonly byte[] Heartbeat = ":\n\n"u8.ToArray();

    /// <summary>The one instance, by which an entry's event is found again.</summary>
    public static EventStreamFormat Instance { get; } = new();

    /// <summary>Tells a browser that coming again cannot help: the answer to its return is that there is nothing.</summary>
    public static ReadOnlyMemory<byte> End { get; } = Encoding.UTF8.GetBytes($"event: end\nid: {EndId}\ndata: {{}}\n\n");

    /// <summary>Lets a browser come again as if for the first time: the position that it has is of no use.</summary>
    public static ReadOnlyMemory<byte> Forget { get; } = "id\n\n"u8.ToArray();

    public string Name => "text/event-stream";

    public string Transport => "sse";

    public FeedHeartbeats Heartbeats => FeedHeartbeats.OfRelay;

    public bool IsText(ReadOnlySpan<byte> message) => true;

    public bool Takes(bool isText) => true;

    public ReadOnlyMemory<byte> Encode(SubscribeResponse response) => response.ResponseCase switch
    {
        SubscribeResponse.ResponseOneofCase.Heartbeat => Heartbeat,
        SubscribeResponse.ResponseOneofCase.Started => Write(response, Random.Shared.Next(SoonestReturnMs, LatestReturnMs)),
        SubscribeResponse.ResponseOneofCase.Failure when response.Failure is { Retryable: true, RetryAfterMs: > 0 } failure =>
            Write(response, failure.RetryAfterMs),
        _ => Write(response),
    };

    public ReadOnlyMemory<byte> Encode(ReadOnlyMemory<byte> response) => CreateFrame(response);

    public ReadOnlyMemory<byte> Encode(LogEntry entry) => entry.GetFrame(this);

    public byte[] CreateFrame(ReadOnlyMemory<byte> encoded) => Write(SubscribeResponse.Parser.ParseFrom(encoded.Span));

    // Nothing comes up such a stream.
    public SubscribeRequest Decode(ReadOnlyMemory<byte> message) => throw new NotSupportedException();

    /// <summary>The position that an event's id tells.</summary>
    /// <returns>False when it is no such id.</returns>
    public static bool TryReadId(string id, out LogPosition position)
    {
        position = default;
        int dash = id.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0
            || !uint.TryParse(id.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out uint epoch)
            || !long.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long sequence))
        {
            return false;
        }

        position = new LogPosition(epoch, sequence);
        return true;
    }

    private static byte[] Write(SubscribeResponse response, int? returnMs = null)
    {
        string id = ReadPosition(response) is { } position
            ? string.Create(CultureInfo.InvariantCulture, $"id: {position.Epoch}-{position.Sequence}\n") : "";
        string retry = returnMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"retry: {ms}\n") : "";
        return Encoding.UTF8.GetBytes($"{retry}{id}data: {JsonFormatter.Default.Format(response)}\n\n");
    }

    private static LogPosition? ReadPosition(SubscribeResponse response) => response.ResponseCase switch
    {
        SubscribeResponse.ResponseOneofCase.Started => new LogPosition(response.Started.Position.Epoch, response.Started.Position.Sequence),
        SubscribeResponse.ResponseOneofCase.Payload => new LogPosition(response.Payload.Epoch, response.Payload.Sequence),
        SubscribeResponse.ResponseOneofCase.Skipped => new LogPosition(response.Skipped.Epoch, response.Skipped.Range.Through),
        _ => null,
    };
}
