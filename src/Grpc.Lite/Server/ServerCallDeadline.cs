namespace Grpc.AspNetCore.Server;

/// <summary>
/// The deadline of a server call: a timer that answers the caller even when the method ignores cancellation, and the token
/// that tells the method.
/// </summary>
internal sealed class ServerCallDeadline : IAsyncDisposable
{
    // The longest that a timer takes, 49 days.
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    // How long the status may wait for a caller that does not read, before the stream is reset without it.
    private static readonly TimeSpan CompletionLimit = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _source;
    private readonly Func<Task> _exceed;
    private readonly TimeSpan _timeout;
    private readonly Timer _timer;
    private Task _exceeding = Task.CompletedTask;

    public ServerCallDeadline(TimeSpan timeout, CancellationToken requestAborted, Func<Task> exceed)
    {
        _timeout = timeout > MaxTimeout ? MaxTimeout : timeout;
        _exceed = exceed;
        _source = CancellationTokenSource.CreateLinkedTokenSource(requestAborted);
        Deadline = DateTime.UtcNow + _timeout;
        CancellationToken = _source.Token;
        _timer = new Timer(static state => ((ServerCallDeadline)state!).Exceed(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public DateTime Deadline { get; }

    public CancellationToken CancellationToken { get; }

    public static async Task AwaitCompletionAsync(Task completion)
    {
        try
        {
            await completion.WaitAsync(CompletionLimit);
        }
        catch (Exception exception) when (exception is TimeoutException or IOException or OperationCanceledException)
        {
            // The caller is gone or does not read; the reset that follows is all that can be done.
        }
    }

    public void Start() => _timer.Change(_timeout, Timeout.InfiniteTimeSpan);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _exceeding;
        _source.Dispose();
    }

    private void Exceed() => _exceeding = ExceedAsync();

    private async Task ExceedAsync()
    {
        await _exceed();
        await _source.CancelAsync();
    }
}
