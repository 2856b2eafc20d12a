using System.Buffers;

namespace Grpc.Core;

/// <summary>Takes a message that is being serialized.</summary>
public abstract class SerializationContext
{
    /// <summary>Takes the whole message.</summary>
    /// <param name="payload">The message; it is not changed and not kept.</param>
    public virtual void Complete(byte[] payload) => throw new NotImplementedException();

    /// <summary>Where the message is written piece by piece; <see cref="Complete()"/> ends it.</summary>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotImplementedException();

    /// <summary>Tells the length in advance, so that the message can go straight to the transport.</summary>
    /// <param name="payloadLength">The length in bytes; exactly so many must be written.</param>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    /// <summary>Ends a message written through <see cref="GetBufferWriter"/>.</summary>
    public virtual void Complete() => throw new NotImplementedException();
}
