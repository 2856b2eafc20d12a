using System.Buffers;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>
/// Serializes a message with its frame header into a rented array, so that both leave in one write. One for a call, used for
/// one message after the other; <see cref="Release"/> returns the array.
/// </summary>
internal sealed class BufferedSerializationContext(int? limit) : SerializationContext, IBufferWriter<byte>
{
    private byte[] _buffer = [];
    private int _end;
    private bool _isComplete;

    /// <summary>Serializes a message.</summary>
    /// <returns>The message with its header, valid until <see cref="Release"/>.</returns>
    public ReadOnlyMemory<byte> Serialize<T>(T message, Action<T, SerializationContext> serializer)
    {
        _end = MessageFrame.HeaderLength;
        _isComplete = false;
        serializer(message, this);
        if (!_isComplete)
        {
            throw new InvalidOperationException("The serializer did not complete the message.");
        }

        var payloadLength = _end - MessageFrame.HeaderLength;
        ThrowIfOverLimit(payloadLength);
        EnsureRoom(0);
        MessageFrame.WriteHeader(_buffer, payloadLength);
        return _buffer.AsMemory(0, _end);
    }

    public void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        ThrowIfOverLimit(payloadLength);
        EnsureRoom(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => this;

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        ThrowIfOverLimit(payload.Length);
        EnsureRoom(payload.Length);
        payload.CopyTo(_buffer, _end);
        _end += payload.Length;
        Complete();
    }

    public override void Complete() => _isComplete = _isComplete
        ? throw new InvalidOperationException("The serializer completed the message twice.")
        : true;

    void IBufferWriter<byte>.Advance(int count) => _end += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_end);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_end);
    }

    private void EnsureRoom(int count)
    {
        var needed = _end + count;
        if (needed <= _buffer.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(_buffer.Length * 2, Array.MaxLength)));
        _buffer.AsSpan(0, Math.Min(_end, _buffer.Length)).CopyTo(larger);
        Release();
        _buffer = larger;
    }

    private void ThrowIfOverLimit(int payloadLength)
    {
        if (payloadLength > limit)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size."));
        }
    }
}
