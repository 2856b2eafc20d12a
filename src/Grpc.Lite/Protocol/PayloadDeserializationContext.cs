using System.Buffers;
using Grpc.Core;

namespace Grpc;

/// <summary>Lends received messages, one after the other, to deserializers.</summary>
internal sealed class PayloadDeserializationContext : DeserializationContext
{
    private ReadOnlySequence<byte> _payload;
    private bool _isLent;

    public override int PayloadLength => (int)Payload.Length;

    private ReadOnlySequence<byte> Payload => _isLent
        ? _payload
        : throw new InvalidOperationException("The payload is valid during the deserializer's call only.");

    /// <summary>Runs a deserializer over a message.</summary>
    /// <exception cref="RpcException">The deserializer failed: INTERNAL.</exception>
    public T Deserialize<T>(in ReadOnlySequence<byte> payload, Func<DeserializationContext, T> deserializer)
    {
        _payload = payload;
        _isLent = true;
        try
        {
            return deserializer(this);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Failed to deserialize message.", exception));
        }
        finally
        {
            _isLent = false;
            _payload = default;
        }
    }

    public override byte[] PayloadAsNewBuffer() => Payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => Payload;
}
