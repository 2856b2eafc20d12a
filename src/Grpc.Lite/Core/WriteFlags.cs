namespace Grpc.Core;

/// <summary>How a message is written.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>The message may wait in the buffer for the next one instead of being sent at once.</summary>
    BufferHint = 0x1,

    /// <summary>The message is not to be compressed.</summary>
    NoCompress = 0x2,
}
