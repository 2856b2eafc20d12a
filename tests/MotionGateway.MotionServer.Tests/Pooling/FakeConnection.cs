namespace MotionGateway.MotionServer.Tests.Pooling;

/// <summary>A connection that only lives and ends.</summary>
internal sealed class FakeConnection(string id, string? region = null) : IMotionConnection
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string? Region => region;

    public string ConnectionId => id;

    public IReadOnlyList<string> Capabilities => [];

    public Task Completion => _completion.Task;

    public bool IsClosed => _completion.Task.IsCompleted;

    public void End() => _completion.TrySetResult();

    public void End(MotionServerException failure) => _completion.TrySetException(failure);

    public ValueTask SendAudioAsync(string requestId, ReadOnlyMemory<byte> audio, bool isLast, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask InterruptAsync(string requestId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask PauseAsync(string requestId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask ResumeAsync(string requestId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<MotionMessage> ReadMotionAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<PlaybackUpdate> ReadPlaybackAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task CloseAsync(CancellationToken cancellationToken = default)
    {
        End();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();
}
