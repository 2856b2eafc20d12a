using Microsoft.Extensions.Logging;
using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>Stops a relay's feeds, while the gate is closed, at the last thing that they log: their viewers know by then.</summary>
internal sealed class FeedEndGate : ILoggerProvider, ILogger
{
    private const string LastWords = nameof(SessionFeedLog.Ended);

    private readonly ManualResetEventSlim _open = new(initialState: true);

    public void Close() => _open.Reset();

    public void Open() => _open.Set();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name == LastWords)
        {
            _open.Wait(TaskTimeoutExtensions.Limit);
        }
    }

    public void Dispose() => _open.Dispose();
}
