using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Conformance;

/// <summary>Reads each request of a connection to its end, as an application does, and keeps what came.</summary>
internal sealed class ClientReading(IMotionConnection connection) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ObservedTurn> _turns = [];
    private readonly List<MotionServerException> _errors = [];
    private readonly List<Task> _readings = [];

    /// <summary>What was thrown to readers, each once, in order; not that the connection was over before a turn was, where it ended normally.</summary>
    public IReadOnlyList<MotionServerException> Errors
    {
        get
        {
            lock (_lock)
            {
                return [.. _errors];
            }
        }
    }

    public bool IsOver => connection.Completion.IsCompleted;

    /// <summary>Begins a turn, and reads it.</summary>
    public IMotionRequest Start(string turn)
    {
        IMotionRequest request = connection.StartRequest(turn);
        ObservedTurn observed = Turn(turn);
        lock (_lock)
        {
            _readings.Add(ReadAsync(request, observed));
        }

        return request;
    }

    public ObservedTurn Turn(string requestId)
    {
        lock (_lock)
        {
            return _turns.TryGetValue(requestId, out ObservedTurn? turn) ? turn : _turns[requestId] = new ObservedTurn();
        }
    }

    /// <summary>Waits until the turn has its end, the connection is over, or nothing has come for too long.</summary>
    public async Task WaitForEndAsync(string requestId, TimeSpan patience) =>
        await Task.WhenAny(Turn(requestId).Ended, connection.Completion, Task.Delay(patience));

    /// <summary>Waits until the connection is over, and whoever reads has been told.</summary>
    public async Task WaitForOverAsync()
    {
        await Task.WhenAny(connection.Completion).DefaultTimeout();
        await Task.WhenAll(Readings()).DefaultTimeout();
    }

    public async ValueTask DisposeAsync()
    {
        await connection.CloseAsync().DefaultTimeout();
        await Task.WhenAll(Readings()).DefaultTimeout();
    }

    private Task[] Readings()
    {
        lock (_lock)
        {
            return [.. _readings];
        }
    }

    private async Task ReadAsync(IMotionRequest request, ObservedTurn observed)
    {
        MotionServerException? last = null;
        while (true)
        {
            try
            {
                await foreach (MotionMessage message in request.ReadMotionAsync())
                {
                    using (message)
                    {
                        observed.Add(message);
                    }
                }

                return;
            }
            catch (MotionServerException error)
            {
                // The reason of the end is thrown to whoever asks.
                if (ReferenceEquals(error, last))
                {
                    return;
                }

                last = error;
                Note(error);
            }
        }
    }

    private void Note(MotionServerException error)
    {
        lock (_lock)
        {
            bool isNormalEnd = error is { Code: MotionServerErrorCode.ConnectionClosed, RequestId: not null, CloseCode: null };
            if (!isNormalEnd && !_errors.Contains(error))
            {
                _errors.Add(error);
            }
        }
    }
}
