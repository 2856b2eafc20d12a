using Google.Protobuf;

namespace MotionGateway.Protocol;

/// <summary>
/// A response that goes through gRPC as the bytes it is, or a message that is serialized on the way. A stream may set and
/// write one instance again and again: a write has taken the content when it completes.
/// </summary>
public sealed class EncodedResponse
{
    private ReadOnlyMemory<byte> _bytes;
    private IMessage? _message;

    /// <summary>Creates an empty response, to be set before it is written.</summary>
    public EncodedResponse()
    {
    }

    /// <summary>Creates a response of bytes.</summary>
    /// <param name="bytes">The serialized response; must not change while the instance holds it.</param>
    public EncodedResponse(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>The serialized response. Of a received one: owned by whoever reads it, and never changed again.</summary>
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

    internal IMessage? Message => _message;
}
