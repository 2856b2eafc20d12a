namespace MotionGateway.Feeds;

/// <summary>
/// Is told when a reader may find something. One may stand for many readers of a log: it is told once per append, not once per
/// reader.
/// </summary>
public interface IReaderWake
{
    /// <summary>There may be something to read. Called under the log's lock: must return at once, and not read.</summary>
    void Set();

    /// <summary>An acknowledgement has made room for a reader. Whoever acknowledges and reads in one need not be told.</summary>
    void SetByAcknowledgement() => Set();
}
