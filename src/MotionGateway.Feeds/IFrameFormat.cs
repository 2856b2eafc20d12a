namespace MotionGateway.Feeds;

/// <summary>A form, other than the serialized one, in which readers are sent a log's entries. Compared by reference.</summary>
public interface IFrameFormat
{
    /// <summary>Makes the frame of a serialized response. Called once per entry.</summary>
    /// <param name="encoded">The serialized response, there for the call.</param>
    /// <returns>The frame, which the log keeps as long as the entry.</returns>
    byte[] CreateFrame(ReadOnlyMemory<byte> encoded);
}
