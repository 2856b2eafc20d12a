using System.Buffers;
using System.Text;
using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Protocol;

/// <summary>
/// A request of <c>Speak</c> as a server reads it: speech as the bytes that came, anything else as its message. The bytes are there until
/// it is disposed; where that is left out, they are collected as anything else.
/// </summary>
public sealed class EncodedSpeakRequest : IDisposable
{
    private static readonly uint _audioTag = LengthDelimited(SpeakRequest.AudioFieldNumber);
    private static readonly uint _turnIdTag = LengthDelimited(AudioChunk.TurnIdFieldNumber);
    private static readonly uint _dataTag = LengthDelimited(AudioChunk.DataFieldNumber);
    private static readonly uint _endTurnTag = WireFormat.MakeTag(AudioChunk.EndTurnFieldNumber, WireFormat.WireType.Varint);

    private byte[]? _rented;
    private Range _turnId;
    private Range _data;
    private bool _endTurn;

    private EncodedSpeakRequest(byte[] rented) => _rented = rented;

    /// <summary>Creates a request that is no speech, or is not read in place.</summary>
    /// <param name="message">The request.</param>
    public EncodedSpeakRequest(SpeakRequest message) => Message = message;

    /// <summary>The request; null where it is speech in place.</summary>
    public SpeakRequest? Message { get; }

    /// <summary>Whether it is speech.</summary>
    public bool IsAudio => Message is null or { RequestCase: SpeakRequest.RequestOneofCase.Audio };

    /// <summary>With speech: its bytes. Empty when it has been disposed.</summary>
    public ReadOnlySpan<byte> Data => Message is null ? Part(_data) : Message.Audio.Data.Span;

    /// <summary>With speech: whether its turn ends with it.</summary>
    public bool EndTurn => Message?.Audio.EndTurn ?? _endTurn;

    /// <summary>With speech: its turn.</summary>
    /// <param name="likely">What it likely is: nothing is allocated then.</param>
    public string GetTurnId(string likely)
    {
        if (Message is not null)
        {
            return Message.Audio.TurnId;
        }

        var id = Part(_turnId);
        return Ascii.Equals(id, likely) ? likely : Encoding.ASCII.GetString(id);
    }

    /// <summary>Nobody reads its bytes any more. Done twice it does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Reads a request that gRPC has received, and has for now only.</summary>
    /// <param name="payload">The serialized request: it is copied.</param>
    /// <exception cref="InvalidProtocolBufferException">It is no request.</exception>
    public static EncodedSpeakRequest Read(in ReadOnlySequence<byte> payload)
    {
        if (payload.FirstSpan is [var first, ..] && first == _audioTag)
        {
            int length = (int)payload.Length;
            var request = new EncodedSpeakRequest(ArrayPool<byte>.Shared.Rent(length));
            payload.CopyTo(request._rented);
            if (request.TryReadAudio(length))
            {
                return request;
            }

            request.Dispose();
        }

        return new EncodedSpeakRequest(SpeakRequest.Parser.ParseFrom(payload));
    }

    // Speech as anybody writes it, and nothing else: the rest is for the parser to judge.
    private bool TryReadAudio(int length)
    {
        var reader = new FieldReader(_rented.AsSpan(0, length));
        if (!reader.TryReadTag(out _) || !reader.TryReadBytes(out var chunk) || !reader.IsAtEnd)
        {
            return false;
        }

        var fields = new FieldReader(chunk);
        while (fields.TryReadTag(out uint tag))
        {
            if (tag == _endTurnTag)
            {
                if (!fields.TryReadVarint(out long value))
                {
                    return false;
                }

                _endTurn = value != 0;
                continue;
            }

            if ((tag != _turnIdTag && tag != _dataTag) || !fields.TryReadBytes(out var bytes))
            {
                return false;
            }

            // The chunk is the last that there is.
            int end = length - fields.Remaining;
            if (tag == _dataTag)
            {
                _data = (end - bytes.Length)..end;
            }
            else if (Ascii.IsValid(bytes))
            {
                _turnId = (end - bytes.Length)..end;
            }
            else
            {
                return false;
            }
        }

        return fields.IsAtEnd;
    }

    private ReadOnlySpan<byte> Part(Range range) => _rented is null ? default : _rented.AsSpan(range);

    private static uint LengthDelimited(int field) => WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);
}
