using System.Text;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>A client message about one request: audio, or a control that holds the request's id only.</summary>
internal readonly ref struct RequestMessage(MessageType type, int member, string requestId)
{
    public MessageType Type { get; } = type;

    /// <summary>The envelope's member that holds the content, whose field 1 is always the request's id.</summary>
    public int Member { get; } = member;

    public string RequestId { get; } = requestId;

    public bool IsLast { get; init; }

    public ReadOnlySpan<byte> Audio { get; init; }

    /// <summary>The trace that the request belongs to; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Vendors' part of the trace.</summary>
    public string? TraceState { get; init; }
}

/// <summary>Writes client messages straight into a buffer, so that audio is copied once and nothing is allocated.</summary>
internal ref struct EnvelopeWriter(Span<byte> destination)
{
    // All field numbers in use are below 16, so every tag is one byte.
    private const int TagBytes = 1;
    private const int TypeBytes = 2;

    private readonly Span<byte> _destination = destination;
    private int _position;

    /// <summary>Bytes of the envelope, which <see cref="Write"/> will fill.</summary>
    public static int Measure(in RequestMessage message) => TypeBytes + LengthDelimited(ContentBytes(message));

    /// <summary>Writes the envelope into exactly as many bytes as <see cref="Measure"/> says.</summary>
    public static void Write(in RequestMessage message, Span<byte> destination)
    {
        EnvelopeWriter writer = new(destination);
        writer.Number(Message.TypeFieldNumber, (uint)message.Type);
        writer.Header(message.Member, ContentBytes(message));
        writer.Text(ClientAudioInput.ReqIdFieldNumber, message.RequestId);
        if (message.IsLast)
        {
            writer.Number(ClientAudioInput.EndFieldNumber, 1);
        }

        if (!message.Audio.IsEmpty)
        {
            writer.Header(ClientAudioInput.AudioFieldNumber, message.Audio.Length);
            message.Audio.CopyTo(writer._destination[writer._position..]);
            writer._position += message.Audio.Length;
        }

        if (message.TraceParent is not null)
        {
            writer.Header(ClientAudioInput.TraceContextFieldNumber, TraceBytes(message));
            writer.Text(TraceContext.TraceparentFieldNumber, message.TraceParent);
            if (!string.IsNullOrEmpty(message.TraceState))
            {
                writer.Text(TraceContext.TracestateFieldNumber, message.TraceState);
            }
        }
    }

    private static int ContentBytes(in RequestMessage message) =>
        TextBytes(message.RequestId)
        + (message.IsLast ? TagBytes + 1 : 0)
        + (message.Audio.IsEmpty ? 0 : LengthDelimited(message.Audio.Length))
        + (message.TraceParent is null ? 0 : LengthDelimited(TraceBytes(message)));

    private static int TraceBytes(in RequestMessage message) =>
        TextBytes(message.TraceParent!) + (string.IsNullOrEmpty(message.TraceState) ? 0 : TextBytes(message.TraceState));

    private static int TextBytes(string text) => LengthDelimited(Encoding.UTF8.GetByteCount(text));

    private static int LengthDelimited(int length) => TagBytes + (int.Max(31 - int.LeadingZeroCount(length), 0) / 7) + 1 + length;

    private void Number(int field, uint value)
    {
        _destination[_position++] = (byte)(field << 3 | ProtoCursor.Varint);
        Varint(value);
    }

    private void Header(int field, int length)
    {
        _destination[_position++] = (byte)(field << 3 | ProtoCursor.LengthDelimited);
        Varint((uint)length);
    }

    private void Text(int field, string text)
    {
        Header(field, Encoding.UTF8.GetByteCount(text));
        _position += Encoding.UTF8.GetBytes(text, _destination[_position..]);
    }

    private void Varint(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _destination[_position++] = (byte)(value | 0x80);
        }

        _destination[_position++] = (byte)value;
    }
}
