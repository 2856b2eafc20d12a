using System.Buffers.Binary;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Host mode in binary: one turn a connection, in messages of a type, flags and content. In its raw variant motion is the envelope
/// alone, and what is no media is JSON text.
/// </summary>
/// <param name="isRaw">Whether it is the variant.</param>
internal sealed class HostBinaryKind(bool isRaw) : IPublishedKind
{
    private const byte AudioType = 1;
    private const byte MotionType = 2;
    private const byte MetadataType = 3;
    private const byte ErrorType = 4;
    private const byte LastFlag = 1;
    private const int HeaderBytes = 2;

    public FeedStart Start => FeedStart.CurrentTurn;

    public bool AwaitsStart => true;

    public bool IsOneTurn => true;

    public AudioEndMark AudioEnd => AudioEndMark.OnLast;

    public byte[] Ready(PublishedSession session) => WriteControl(MetadataType, PublishedJson.Write(session, static (json, session) =>
    {
        json.WriteNumber("sample_rate", IPublishedKind.SampleRate);
        json.WriteNumber("channels", 1);
        json.WriteString("avatar_id", session.AvatarId);
        json.WriteString("connection_id", session.SessionId);
    }));

    public byte[] Audio(string turnId, ReadOnlySpan<byte> pcm, bool isLast) => Write(AudioType, isLast, pcm);

    public byte[] Motion(string turnId, ReadOnlySpan<byte> envelope, bool isLast)
    {
        if (isRaw)
        {
            return Write(MotionType, isLast, envelope);
        }

        byte[] message = Begin(MotionType, isLast, (2 * sizeof(uint)) + envelope.Length);
        var content = message.AsSpan(HeaderBytes);
        BinaryPrimitives.WriteUInt32BigEndian(content, 1);
        BinaryPrimitives.WriteUInt32BigEndian(content[sizeof(uint)..], (uint)envelope.Length);
        envelope.CopyTo(content[(2 * sizeof(uint))..]);
        return message;
    }

    // The variant has no motion without an envelope: there the close says it.
    public byte[]? MotionEnd(string turnId) => isRaw ? null : Begin(MotionType, isLast: true, sizeof(uint));

    // The close says it: no other turn follows.
    public byte[]? Interrupt(string reason) => null;

    public byte[]? Transcript(bool isUser, string text) => null;

    public byte[]? Status(string message) => null;

    public byte[] Error(string message) =>
        WriteControl(ErrorType, PublishedJson.Write(message, static (json, message) => json.WriteString("error", message)));

    // A binary message begins with its type, which is no brace.
    public bool IsText(ReadOnlySpan<byte> message) => message[0] == (byte)'{';

    public PublishedRequest Read(ReadOnlyMemory<byte> message) =>
        PublishedJson.Read(message) is { } json && PublishedJson.GetText(json, "action") == "start"
            ? new PublishedRequest { IsStart = true, Clip = "" }
            : PublishedRequest.None;

    private static byte[] Begin(byte type, bool isLast, int contentBytes)
    {
        byte[] message = new byte[HeaderBytes + contentBytes];
        message[0] = type;
        message[1] = isLast ? LastFlag : (byte)0;
        return message;
    }

    private static byte[] Write(byte type, bool isLast, ReadOnlySpan<byte> content)
    {
        byte[] message = Begin(type, isLast, content.Length);
        content.CopyTo(message.AsSpan(HeaderBytes));
        return message;
    }

    private byte[] WriteControl(byte type, byte[] json) => isRaw ? json : Write(type, isLast: false, json);
}
