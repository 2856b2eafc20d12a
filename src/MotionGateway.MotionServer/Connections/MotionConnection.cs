namespace MotionGateway.MotionServer;

/// <summary>An open connection to the Motion Server; see <see cref="IMotionConnection"/>.</summary>
public sealed class MotionConnection : IMotionConnection
{
    internal MotionConnection()
    {
    }

    /// <inheritdoc/>
    public string ConnectionId => throw new NotImplementedException();

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task Completion => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask SendAudioAsync(string requestId, ReadOnlyMemory<byte> audio, bool isLast, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask InterruptAsync(string requestId, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask PauseAsync(string requestId, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask ResumeAsync(string requestId, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public IAsyncEnumerable<MotionMessage> ReadMotionAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task CloseAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
