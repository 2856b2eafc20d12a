using System.Buffers;

namespace Grpc.Core;

/// <summary>Gives a message that is being deserialized. It is valid during the deserializer's call only.</summary>
public abstract class DeserializationContext
{
    /// <summary>The length of the message in bytes.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>A copy of the message which the caller may keep.</summary>
    public abstract byte[] PayloadAsNewBuffer();

    /// <summary>The message in the transport's buffers, without a copy; not to be kept.</summary>
    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() => throw new NotImplementedException();
}
