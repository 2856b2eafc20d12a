using System.Diagnostics;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Demo;

/// <summary>The demo's own viewer: follows the session over a WebSocket of the relay, as a browser does.</summary>
internal sealed class DemoViewer
{
    private readonly ViewerClient _client;
    private readonly DemoView _view;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _spokenAt = [];
    private readonly Dictionary<string, TaskCompletionSource> _ends = [];
    private readonly ViewerTotals _totals = new();
    private int _endedTurns;

    public DemoViewer(Uri relay, string sessionId, string viewerToken, DemoView view)
    {
        _view = view;
        _client = new ViewerClient(
            async cancellationToken => await WebSocketFeed.ConnectAsync(relay, sessionId, http: null, cancellationToken),
            new ViewerStart(sessionId, viewerToken))
        {
            OnNotice = view.Notice,
        };
    }

    /// <summary>Completes when the feed has started for the first time.</summary>
    public Task Started => _started.Task;

    /// <summary>Turns whose end was seen.</summary>
    public int EndedTurns => Volatile.Read(ref _endedTurns);

    /// <summary>Milliseconds from the first speech of the first turn to its first motion here; null before.</summary>
    public double? TimeToFirstMotionMs { get; private set; }

    /// <summary>What was contiguous.</summary>
    public ContiguityTracker Contiguity => _client.Contiguity;

    /// <summary>Runs until the session ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var response in _client.ReadAsync(cancellationToken))
        {
            _started.TrySetResult();
            if (response.Payload is { } payload)
            {
                Add(payload);
            }
        }
    }

    /// <summary>Speech of a turn is about to be sent.</summary>
    public void Expect(string turnId, long timestamp)
    {
        lock (_lock)
        {
            _spokenAt[turnId] = timestamp;
        }
    }

    /// <summary>Completes when the turn's end was seen.</summary>
    public Task WaitForEndAsync(string turnId)
    {
        lock (_lock)
        {
            return End(turnId).Task;
        }
    }

    /// <summary>Reads the totals while nothing changes them.</summary>
    public T Read<T>(Func<ViewerTotals, T> read)
    {
        lock (_lock)
        {
            return read(_totals);
        }
    }

    private void Add(Payload payload)
    {
        lock (_lock)
        {
            var turn = _totals.Add(payload);
            double? sinceSpoken = _spokenAt.TryGetValue(payload.TurnId, out long at) ? Stopwatch.GetElapsedTime(at).TotalMilliseconds : null;
            if (payload.ContentCase == Payload.ContentOneofCase.Motion)
            {
                TimeToFirstMotionMs ??= sinceSpoken;
            }

            _view.OnPayload(payload, turn, sinceSpoken, Contiguity);
            if (turn?.Ended is not null && End(turn.Id).TrySetResult())
            {
                Interlocked.Increment(ref _endedTurns);
            }
        }
    }

    private TaskCompletionSource End(string turnId)
    {
        if (!_ends.TryGetValue(turnId, out var end))
        {
            _ends.Add(turnId, end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return end;
    }
}
