using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// Writes messages with their frame header into the response's pipe: straight where the length is told first, through a
/// buffer otherwise. One for a call, used for one message after the other.
/// </summary>
internal sealed class PipeSerializationContext(PipeWriter output, int? limit) : SerializationContext
{
    private ArrayBufferWriter<byte>? _buffer;
    private int? _payloadLength;
    private bool _isDirect;
    private bool _isComplete;

    /// <summary>Serializes a message into the pipe, without flushing it.</summary>
    public void Write<T>(T message, Action<T, SerializationContext> serializer)
    {
        _payloadLength = null;
        _isDirect = false;
        _isComplete = false;
        _buffer?.ResetWrittenCount();
        serializer(message, this);
        if (!_isComplete)
        {
            throw new InvalidOperationException("The serializer did not complete the message.");
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        ThrowIfOverLimit(payloadLength);
        _payloadLength = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_payloadLength is not { } length)
        {
            return _buffer ??= new ArrayBufferWriter<byte>();
        }

        if (!_isDirect)
        {
            WriteHeader(length);
            _isDirect = true;
        }

        return output;
    }

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        WriteWhole(payload);
    }

    public override void Complete()
    {
        if (_isDirect)
        {
            EnsureFirstCompletion();
        }
        else
        {
            WriteWhole(_buffer is null ? default : _buffer.WrittenSpan);
        }
    }

    private void WriteWhole(ReadOnlySpan<byte> payload)
    {
        EnsureFirstCompletion();
        ThrowIfOverLimit(payload.Length);
        WriteHeader(payload.Length);
        output.Write(payload);
    }

    private void WriteHeader(int payloadLength)
    {
        MessageFrame.WriteHeader(output.GetSpan(MessageFrame.HeaderLength), payloadLength);
        output.Advance(MessageFrame.HeaderLength);
    }

    private void EnsureFirstCompletion()
    {
        if (_isComplete)
        {
            throw new InvalidOperationException("The serializer completed the message twice.");
        }

        _isComplete = true;
    }

    private void ThrowIfOverLimit(int payloadLength)
    {
        if (payloadLength > limit)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size."));
        }
    }
}
