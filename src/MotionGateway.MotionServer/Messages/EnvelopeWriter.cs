using System.Text;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>Writes client messages straight into a buffer, so that audio is copied once and nothing is allocated.</summary>
internal static class EnvelopeWriter
{
    // All field numbers in use are below 16, so every tag is one byte.
    private const int TagBytes = 1;
    private const int TypeBytes = 2;

    /// <summary>Bytes of the envelope of a piece of a request, which <see cref="Write"/> will fill.</summary>
    public static int Measure(in RequestMessage message) =>
        TypeBytes + LengthDelimited(ContentBytes(message));

    /// <summary>Writes the envelope.</summary>
    /// <param name="message">The message.</param>
    /// <param name="destination">Exactly as long as <see cref="Measure"/> says.</param>
    public static void Write(in RequestMessage message, Span<byte> destination)
    {
        Writer writer = new(destination);
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
            writer.Raw(message.Audio);
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

    private static int LengthDelimited(int length) => TagBytes + VarintBytes((uint)length) + length;

    private static int VarintBytes(uint value)
    {
        int bytes = 1;
        for (; value >= 0x80; value >>= 7)
        {
            bytes++;
        }

        return bytes;
    }

    private ref struct Writer(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;
        private int _position;

        public void Number(int field, uint value)
        {
            _destination[_position++] = (byte)(field << 3 | ProtoCursor.Varint);
            Varint(value);
        }

        public void Header(int field, int length)
        {
            _destination[_position++] = (byte)(field << 3 | ProtoCursor.LengthDelimited);
            Varint((uint)length);
        }

        public void Text(int field, string text)
        {
            Header(field, Encoding.UTF8.GetByteCount(text));
            _position += Encoding.UTF8.GetBytes(text, _destination[_position..]);
        }

        public void Raw(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_destination[_position..]);
            _position += bytes.Length;
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
}
