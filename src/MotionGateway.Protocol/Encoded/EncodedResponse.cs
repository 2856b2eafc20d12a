using System.Buffers;
using Google.Protobuf;

namespace MotionGateway.Protocol;

/// <summary>
/// A response that goes through gRPC as the bytes it is, or a message that is serialized on the way. A stream may set and
/// write one instance again and again: a write has taken the content when it completes. One that was received gives its memory back
/// when it is disposed; where that is left out, it is collected as any other.
/// </summary>
public sealed class EncodedResponse : IDisposable
{
    private ReadOnlyMemory<byte> _bytes;
    private IMessage? _message;
    private byte[]? _rented;

    /// <summary>Creates an empty response, to be set before it is written.</summary>
    public EncodedResponse()
    {
    }

    /// <summary>Creates a response of bytes.</summary>
    /// <param name="bytes">The serialized response; must not change while the instance holds it.</param>
    public EncodedResponse(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>The serialized response. Of a received one: there until it is disposed, and empty then.</summary>
    public ReadOnlyMemory<byte> Bytes => _message is null ? _bytes : _message.ToByteArray();

    /// <summary>Holds bytes from now on.</summary>
    /// <param name="bytes">The serialized response; must not change until the write has completed.</param>
    /// <returns>This instance.</returns>
    public EncodedResponse Set(ReadOnlyMemory<byte> bytes)
    {
        (_bytes, _message) = (bytes, null);
        return this;
    }

    /// <summary>Holds a message from now on.</summary>
    /// <param name="message">The response.</param>
    /// <returns>This instance.</returns>
    public EncodedResponse Set(IMessage message)
    {
        (_bytes, _message) = (default, message);
        return this;
    }

    /// <summary>Nobody reads the bytes any more. Done twice it does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
        {
            _bytes = default;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    internal IMessage? Message => _message;

    /// <summary>A response that was received: what gRPC has read is its own only for now.</summary>
    internal static EncodedResponse Copy(in ReadOnlySequence<byte> payload)
    {
        int length = (int)payload.Length;
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        payload.CopyTo(rented);
        return new EncodedResponse(rented.AsMemory(0, length)) { _rented = rented };
    }
}
