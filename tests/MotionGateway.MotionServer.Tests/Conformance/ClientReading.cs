using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Conformance;

/// <summary>Reads a connection to its end, as an application does, and keeps what came.</summary>
internal sealed class ClientReading : IAsyncDisposable
{
    private readonly IMotionConnection _connection;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ObservedTurn> _turns = [];
    private readonly List<MotionServerException> _errors = [];
    private readonly Task _reading;

    public ClientReading(IMotionConnection connection)
    {
        _connection = connection;
        _reading = ReadAsync();
    }

    /// <summary>What was thrown to the reader, in order.</summary>
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

    public bool IsOver => _reading.IsCompleted;

    public ObservedTurn Turn(string requestId)
    {
        lock (_lock)
        {
            return _turns.TryGetValue(requestId, out ObservedTurn? turn) ? turn : _turns[requestId] = new ObservedTurn();
        }
    }

    /// <summary>Waits until the turn has its end, the connection is over, or nothing has come for too long.</summary>
    public async Task WaitForEndAsync(string requestId, TimeSpan patience) =>
        await Task.WhenAny(Turn(requestId).Ended, _reading, Task.Delay(patience));

    /// <summary>Waits until the connection is over.</summary>
    public Task WaitForOverAsync() => _reading.DefaultTimeout();

    public async ValueTask DisposeAsync()
    {
        await _connection.CloseAsync().DefaultTimeout();
        await _reading.DefaultTimeout();
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            try
            {
                await foreach (MotionMessage message in _connection.ReadMotionAsync())
                {
                    using (message)
                    {
                        Turn(message.RequestId).Add(message);
                    }
                }

                return;
            }
            catch (MotionServerException error)
            {
                lock (_lock)
                {
                    _errors.Add(error);
                }
            }
        }
    }
}
