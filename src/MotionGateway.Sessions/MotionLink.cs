using MotionGateway.Feeds;
using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>
/// A session's way to the Motion Server: sends audio in order over one connection, passes on what comes back, and makes
/// a new connection for the next request when one is lost. Requests that were under way on a lost connection are
/// reported lost.
/// </summary>
/// <remarks>What waits to be sent is bounded by the session's audio credit.</remarks>
internal sealed partial class MotionLink : IAsyncDisposable
{
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(1);

    private readonly IMotionConnector _connector;
    private readonly MotionConnectionOptions _connection;
    private readonly IMotionLinkOwner _owner;
    private readonly CancellationTokenSource _stopping = new();
    private readonly AsyncSignal _wake = new();
    private readonly Lock _lock = new();
    private readonly LinkedList<Chunk> _queue = [];
    private readonly HashSet<string> _lost = [];
    private Leg? _leg;
    private Leg _latest;
    private Leg? _stalled;
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;

    /// <param name="connector">Makes further connections, as often as is worth it.</param>
    /// <param name="first">The connection to begin with; belongs to the link from now on.</param>
    /// <param name="connection">What each connection is for.</param>
    /// <param name="owner">Is told what comes back and what is lost.</param>
    public MotionLink(IMotionConnector connector, IMotionConnection first, MotionConnectionOptions connection, IMotionLinkOwner owner)
    {
        _connector = connector;
        _latest = _leg = new Leg(first, CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token));
        _connection = connection;
        _owner = owner;
    }

    /// <summary>Id of the present connection; empty when there is none.</summary>
    public string ConnectionId
    {
        get
        {
            lock (_lock)
            {
                return _leg?.Connection.ConnectionId ?? "";
            }
        }
    }

    public void Start()
    {
        _receiving = ReceiveAsync(_latest);
        _sending = SendAsync();
    }

    public void Send(SpeechTurn turn, ReadOnlyMemory<byte> samples, bool end)
    {
        lock (_lock)
        {
            _queue.AddLast(new Chunk(turn, samples, end));
        }

        _wake.Set();
    }

    /// <summary>Forgets what waits for a request, and ends it at the Motion Server when its audio was not complete.</summary>
    public void Abandon(SpeechTurn turn)
    {
        lock (_lock)
        {
            for (var node = _queue.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Turn == turn)
                {
                    _queue.Remove(node);
                }

                node = next;
            }

            if (_leg?.UnderWay.Remove(turn.RequestId) == true && !turn.IsEndSent)
            {
                _queue.AddLast(new Chunk(turn, default, End: true) { Farewell = _leg });
            }

            _lost.Remove(turn.RequestId);
        }

        _wake.Set();
    }

    /// <summary>The request's motion is complete.</summary>
    public void Complete(string requestId)
    {
        lock (_lock)
        {
            _leg?.UnderWay.Remove(requestId);
        }
    }

    /// <summary>Gives the connection up, soon: it makes no progress.</summary>
    public void DropConnection()
    {
        lock (_lock)
        {
            _stalled = _leg;
        }

        _wake.Set();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _wake.Set();
        await _sending;
        await _receiving;
        _latest.Stop.Dispose();
        _stopping.Dispose();
    }

    private async Task SendAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            if (TakeStalled() is { } stalled)
            {
                Lose(stalled, new MotionServerException(
                    MotionServerErrorCode.ConnectionFailed, MotionServerPhase.WebSocketRuntime,
                    "The Motion Server makes no progress."));
            }
            else if (TryTake(out var chunk))
            {
                await SendAsync(chunk);
            }
            else
            {
                await _wake.WaitAsync();
            }
        }
    }

    private Leg? TakeStalled()
    {
        lock (_lock)
        {
            var stalled = _stalled;
            _stalled = null;
            return stalled;
        }
    }

    private bool TryTake(out Chunk chunk)
    {
        lock (_lock)
        {
            chunk = _queue.First?.Value ?? default;
            if (_queue.First is null)
            {
                return false;
            }

            _queue.RemoveFirst();
            return true;
        }
    }

    private async Task SendAsync(Chunk chunk)
    {
        string requestId = chunk.Turn.RequestId;
        var leg = chunk.Farewell is null ? await LegForAsync(requestId) : PresentOnly(chunk.Farewell);
        if (leg is null)
        {
            ForgetLost(requestId, chunk.End);
            return;
        }

        try
        {
            await leg.Connection.SendAudioAsync(requestId, chunk.Samples, chunk.End, leg.Stop.Token);
            chunk.Turn.IsEndSent |= chunk.End;
            _owner.OnAudioSent(chunk.Turn, chunk.Samples.Length);
        }
        catch (MotionServerException failure)
        {
            Lose(leg, failure);
        }
        catch (OperationCanceledException) when (leg.Stop.IsCancellationRequested)
        {
            // The receiver noticed first, or the session is being disposed.
        }
    }

    private readonly record struct Chunk(SpeechTurn Turn, ReadOnlyMemory<byte> Samples, bool End)
    {
        /// <summary>For the end of an abandoned request: the leg that it is under way on.</summary>
        public Leg? Farewell { get; init; }
    }
}
