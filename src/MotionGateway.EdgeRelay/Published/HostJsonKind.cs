using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Host mode in JSON: audio, motion, and the end of both; the client can interrupt, and cannot be interrupted.</summary>
internal sealed class HostJsonKind : IPublishedKind
{
    public FeedStart Start => FeedStart.Now;

    public bool AwaitsStart => false;

    public bool IsOneTurn => false;

    // Motion behind the end would be dropped.
    public AudioEndMark AudioEnd => AudioEndMark.AfterMotion;

    public byte[]? Ready(PublishedSession session) => null;

    public byte[] Audio(string turnId, ReadOnlySpan<byte> pcm, bool isLast) =>
        PublishedJson.Write(new MediaPiece(turnId, pcm, isLast), static (json, piece) =>
        {
            json.WriteString("type", "audio");
            json.WriteBase64String("data", piece.Data);
            json.WriteBoolean("end", piece.IsLast);
        });

    public byte[] Motion(string turnId, ReadOnlySpan<byte> envelope, bool isLast) =>
        PublishedJson.Write(new MediaPiece(turnId, envelope, isLast), static (json, piece) =>
        {
            json.WriteString("type", "motion");
            json.WriteStartArray("data");
            json.WriteBase64StringValue(piece.Data);
            json.WriteEndArray();
        });

    public byte[]? MotionEnd(string turnId) => null;

    public byte[]? Interrupt(string reason) => null;

    public byte[]? Transcript(bool isUser, string text) => null;

    public byte[]? Status(string message) => null;

    public byte[]? Error(string message) => null;

    public bool IsText(ReadOnlySpan<byte> message) => true;

    public PublishedRequest Read(ReadOnlyMemory<byte> message)
    {
        if (PublishedJson.Read(message) is not { } json)
        {
            return PublishedRequest.None;
        }

        return PublishedJson.GetText(json, "type") switch
        {
            "speak" => new PublishedRequest { Clip = PublishedJson.GetText(json, "voice") },
            "interrupt" => new PublishedRequest { Event = new ViewerEvent { Interrupt = new ViewerInterrupt() } },
            _ => PublishedRequest.None,
        };
    }
}
