using System.Text;
using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// The messages of one kind that are the same for all its viewers, each made once an entry: audio that comes at the rate of published
/// clients, and motion with and without the mark of the last.
/// </summary>
internal sealed class PublishedFrames(IPublishedKind kind)
{
    private readonly Frame _audio = new((turnId, data) => kind.Audio(turnId, data, isLast: false));
    private readonly Frame _motion = new((turnId, data) => kind.Motion(turnId, data, isLast: false));
    private readonly Frame _lastMotion = new((turnId, data) => kind.Motion(turnId, data, isLast: true));

    private delegate byte[] Write(string turnId, ReadOnlySpan<byte> data);

    public IPublishedKind Kind => kind;

    public ReadOnlyMemory<byte> GetAudio(PublishedPiece piece) => Get(_audio, piece);

    public ReadOnlyMemory<byte> GetMotion(PublishedPiece piece, bool isLast) => Get(isLast ? _lastMotion : _motion, piece);

    private static ReadOnlyMemory<byte> Get(Frame frame, PublishedPiece piece) =>
        piece.Entry is { } entry ? entry.GetFrame(frame) : frame.CreateFrame(piece.Encoded);

    private sealed class Frame(Write write) : IFrameFormat
    {
        public byte[] CreateFrame(ReadOnlyMemory<byte> encoded) => PayloadHeader.TryRead(encoded.Span, out var header)
            ? write(Encoding.UTF8.GetString(header.TurnId), header.ReadData())
            : throw new ArgumentException("The response holds no payload.", nameof(encoded));
    }
}
