using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Puts other ids into the server's messages. Everything else stays byte for byte, unknown fields and their order too.</summary>
internal static class EnvelopeRewriter
{
    // The same in each of the messages that have them.
    private const int ConnectionIdField = ServerResponseAnimation.ConnectionIdFieldNumber;
    private const int RequestIdField = ServerResponseAnimation.ReqIdFieldNumber;

    /// <summary>The envelope with recorded ids replaced by live ones; unchanged where an id is another one, or the bytes are no message.</summary>
    public static byte[] Rewrite(byte[] envelope, LiveIds ids)
    {
        try
        {
            return Walk(envelope, (field, content) => field switch
            {
                Message.ServerConfirmSessionFieldNumber => Walk(content, (inner, value) => inner == ConnectionIdField ? Connection(value, ids) : null),
                Message.ServerErrorFieldNumber or Message.ServerResponseAnimationFieldNumber or Message.ServerPlaybackStateFieldNumber =>
                    Walk(content, (inner, value) => inner == ConnectionIdField ? Connection(value, ids) : inner == RequestIdField ? Request(value, ids) : null),
                _ => null,
            });
        }
        catch (InvalidProtocolBufferException)
        {
            // Recorded as it was: a server that sends such things is replayed sending them.
            return envelope;
        }
    }

    private static byte[] Connection(byte[] value, LiveIds ids) => Replace(value, ids.RecordedConnection, ids.LiveConnection);

    private static byte[] Request(byte[] value, LiveIds ids) => Replace(value, ids.RecordedRequest, ids.LiveRequest);

    private static byte[] Replace(byte[] value, string recorded, string live) =>
        recorded.Length > 0 && value.AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(recorded)) ? System.Text.Encoding.UTF8.GetBytes(live) : value;

    /// <summary>Copies a message, with the contents of length-delimited fields replaced where the function gives others.</summary>
    private static byte[] Walk(byte[] message, Func<int, byte[], byte[]?> replace)
    {
        using var input = new CodedInputStream(message);
        using var output = new MemoryStream(message.Length + 64);
        using var writer = new CodedOutputStream(output, leaveOpen: true);
        for (int begin = 0; !input.IsAtEnd; begin = (int)input.Position)
        {
            uint tag = input.ReadTag();
            int content = (int)input.Position;
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                byte[] old = input.ReadBytes().ToByteArray();
                if (replace(WireFormat.GetTagFieldNumber(tag), old) is { } changed && !changed.AsSpan().SequenceEqual(old))
                {
                    writer.WriteRawTag(message.AsSpan(begin, content - begin));
                    writer.WriteBytes(UnsafeByteOperations.UnsafeWrap(changed));
                    continue;
                }
            }
            else
            {
                input.SkipLastField();
            }

            writer.Flush();
            output.Write(message, begin, (int)input.Position - begin);
        }

        writer.Flush();
        return output.ToArray();
    }

    private static void WriteRawTag(this CodedOutputStream writer, ReadOnlySpan<byte> tag)
    {
        foreach (byte part in tag)
        {
            writer.WriteRawTag(part);
        }
    }
}

/// <summary>Which ids stand for which.</summary>
internal readonly record struct LiveIds(string RecordedConnection, string LiveConnection, string RecordedRequest, string LiveRequest);
