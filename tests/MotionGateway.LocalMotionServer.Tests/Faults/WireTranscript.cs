using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Faults;

/// <summary>
/// What a server says to a client, in words: <c>confirm</c>, <c>motion one 13</c>, <c>error 4010 one</c>, <c>close 4010</c>, <c>cut</c> and the like.
/// </summary>
internal sealed class WireTranscript(WireClient client)
{
    private static readonly byte[] Sentinel = "is that all?"u8.ToArray();
    private static readonly MessageParser<Message> Known = Message.Parser.WithDiscardUnknownFields(true);

    private readonly List<byte> _fragments = [];
    private int _frames;
    private int _pingsBetween;

    /// <summary>Reads what is said, up to so many words; when the connection is there after them, nothing more may have been said.</summary>
    public async Task<List<string>> ReadAsync(int count)
    {
        List<string> said = [];
        int pings = 0;
        while (said.Count < count)
        {
            string? word = await ReadWordAsync();
            if (word == "ping")
            {
                pings++;
            }
            else if (word is not null)
            {
                said.Add(pings > 0 ? $"{pings} pings, {word}" : word);
                pings = 0;
            }
        }

        if (said[^1] is "cut" || said[^1].StartsWith("half", StringComparison.Ordinal) || said[^1].StartsWith("close", StringComparison.Ordinal))
        {
            return said;
        }

        await client.PingAsync(Sentinel);
        string? after;
        while ((after = await ReadWordAsync()) != "sentinel")
        {
            said.Add(after ?? "fragment");
        }

        return said;
    }

    private async Task<string?> ReadWordAsync()
    {
        try
        {
            return await client.ReadFrameAsync() is { } frame ? Describe(frame) : "cut";
        }
        catch (EndOfStreamException exception)
        {
            return exception.Message.StartsWith("silent", StringComparison.Ordinal) ? "half" : "half, cut";
        }
    }

    private string? Describe(WireFrame frame)
    {
        if (_frames > 0 || frame is { Opcode: 2, Fin: false })
        {
            return DescribeFragment(frame);
        }

        string prefix = $"{(frame.Masked ? "masked " : "")}{(frame.Rsv != 0 ? $"rsv{frame.Rsv} " : "")}";
        return prefix + frame.Opcode switch
        {
            0 => $"continuation {DescribeMessage(frame.Payload)}",
            1 => "text",
            2 => DescribeMessage(frame.Payload),
            8 => DescribeClose(frame.Payload),
            9 => frame.Payload.Length > 125 ? $"ping of {frame.Payload.Length}" : "ping",
            10 => frame.Payload.AsSpan().SequenceEqual(Sentinel) ? "sentinel" : "pong",
            _ => $"opcode {frame.Opcode} {DescribeMessage(frame.Payload)}",
        };
    }

    /// <summary>Null within a message; its words at its end.</summary>
    private string? DescribeFragment(WireFrame frame)
    {
        if (frame.Opcode == 9)
        {
            _pingsBetween++;
            return null;
        }

        _frames++;
        _fragments.AddRange(frame.Payload);
        if (!frame.Fin)
        {
            return null;
        }

        string kind = _frames > 3 && _pingsBetween > 0 ? "fragments" : $"{_frames} frames, {_pingsBetween} pings";
        string message = DescribeMessage([.. _fragments]);
        (_frames, _pingsBetween) = (0, 0);
        _fragments.Clear();
        return $"{kind}: {message}";
    }

    private static string DescribeClose(byte[] payload)
    {
        if (payload.Length < 2)
        {
            return payload.Length == 0 ? "close" : "close of one byte";
        }

        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(payload.AsSpan(2));
            return $"close {BinaryPrimitives.ReadUInt16BigEndian(payload)}";
        }
        catch (DecoderFallbackException)
        {
            return $"close {BinaryPrimitives.ReadUInt16BigEndian(payload)} no UTF-8";
        }
    }

    private static string DescribeMessage(byte[] payload)
    {
        if (payload.Length == 0)
        {
            return "empty";
        }

        try
        {
            Message message = Message.Parser.ParseFrom(payload);
            int unknown = payload.Length - Known.ParseFrom(payload).CalculateSize();
            return Describe(message) + (unknown > 5 * 1024 * 1024 ? " 5 MiB" : unknown > 0 ? " unknown field" : "");
        }
        catch (InvalidProtocolBufferException)
        {
            return "garbage";
        }
    }

    private static string Describe(Message message) => message.DataCase switch
    {
        Message.DataOneofCase.ServerConfirmSession => message.ServerConfirmSession.ConnectionId.Length > 0 ? "confirm" : "confirm without id",
        Message.DataOneofCase.ServerError => $"error {message.ServerError.Code}{(message.ServerError.ReqId.Length > 0 ? $" {message.ServerError.ReqId}" : "")}",
        Message.DataOneofCase.ServerResponseAnimation =>
            $"motion {message.ServerResponseAnimation.ReqId} {message.ServerResponseAnimation.Animation.Keyframes.Count}{(message.ServerResponseAnimation.End ? " end" : "")}",
        _ => $"type {(int)message.Type}",
    };
}
