namespace MotionGateway.MotionServer.Tests.Pooling;

/// <summary>A connection that only lives and ends.</summary>
internal sealed class FakeConnection(string id, string? region = null) : IMotionConnection
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string? Region => region;

    public string ConnectionId => id;

    public IReadOnlyList<string> Capabilities => [];

    public int UnreadableMessages => 0;

    public Task Completion => _completion.Task;

    public bool IsClosed => _completion.Task.IsCompleted;

    /// <summary>What its end waits for when it is closed.</summary>
    public Task Closing { get; set; } = Task.CompletedTask;

    public void End() => _completion.TrySetResult();

    public void End(MotionServerException failure) => _completion.TrySetException(failure);

    public IMotionRequest StartRequest(string? requestId = null) => throw new NotSupportedException();

    public IAsyncEnumerable<PlaybackUpdate> ReadPlaybackAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        await Closing.WaitAsync(cancellationToken);
        End();
    }

    public async ValueTask DisposeAsync() => await CloseAsync();
}
