using System.Collections.Concurrent;
using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>A viewer that follows a session in the background until it is disposed of, and keeps what it got.</summary>
internal sealed class FollowedFeed : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ViewedTurn>> _ended = new(StringComparer.Ordinal);
    private readonly ViewerTotals _totals = new();
    private readonly ViewerClient _client;
    private readonly Action<Payload> _onPayload;
    private int _disposed;

    /// <summary>Begins to follow.</summary>
    /// <param name="client">How.</param>
    /// <param name="onPayload">Is given every payload, one at a time; must not throw.</param>
    public FollowedFeed(ViewerClient client, Action<Payload> onPayload)
    {
        (_client, _onPayload) = (client, onPayload);
        Completion = FollowAsync();
    }

    /// <summary>What was contiguous, and what not.</summary>
    public ContiguityTracker Contiguity => _client.Contiguity;

    /// <summary>Connections that were lost and made again.</summary>
    public int Reconnects => _client.Reconnects;

    /// <summary>Ends when the session does; fails when the feed is lost for good.</summary>
    public Task Completion { get; }

    /// <summary>Waits until the feed has started.</summary>
    /// <exception cref="CommandException">It did not.</exception>
    public Task JoinAsync(CancellationToken cancellationToken) =>
        WaitAsync(_joined.Task, "The feed ended before it had started.", cancellationToken);

    /// <summary>Waits until a turn has ended here.</summary>
    /// <exception cref="CommandException">The feed was lost before.</exception>
    public async Task<ViewedTurn> WaitForEndAsync(string turnId, CancellationToken cancellationToken)
    {
        var ended = EndOf(turnId).Task;
        await WaitAsync(ended, "The feed ended before the turn had.", cancellationToken);
        return await ended;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _end.CancelAsync();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private TaskCompletionSource<ViewedTurn> EndOf(string turnId) =>
        _ended.GetOrAdd(turnId, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task WaitAsync(Task task, string otherwise, CancellationToken cancellationToken)
    {
        await Task.WhenAny(task, Completion).WaitAsync(cancellationToken);
        if (!task.IsCompleted)
        {
            await Completion;
            throw new CommandException(otherwise);
        }
    }

    private async Task FollowAsync()
    {
        await foreach (var response in _client.ReadAsync(_end.Token))
        {
            if (response.Started is not null)
            {
                _joined.TrySetResult();
            }
            else if (response.Payload is { } payload)
            {
                Take(payload);
            }
        }
    }

    private void Take(Payload payload)
    {
        _onPayload(payload);
        var turn = _totals.Add(payload);
        if (turn is not null && payload.ContentCase == Payload.ContentOneofCase.TurnEnded)
        {
            EndOf(turn.Id).TrySetResult(turn);
        }
    }
}
