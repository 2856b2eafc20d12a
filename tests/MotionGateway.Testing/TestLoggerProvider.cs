using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MotionGateway.Testing;

/// <summary>Collects a test's log; <see cref="AssertNoErrors"/> fails the test on errors that nobody expected.</summary>
public sealed class TestLoggerProvider : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<LogEntry> _entries = [];
    private readonly ConcurrentBag<Func<LogEntry, bool>> _expected = [];
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    /// <summary>What was logged, in order.</summary>
    public IReadOnlyCollection<LogEntry> Entries => _entries;

    /// <summary>Expects errors, which then do not fail the test.</summary>
    /// <param name="predicate">Which.</param>
    public void Expect(Func<LogEntry, bool> predicate) => _expected.Add(predicate);

    /// <summary>Fails when an error or worse was logged that was not expected.</summary>
    public void AssertNoErrors()
    {
        var unexpected = _entries.Where(entry => entry.Level >= LogLevel.Error && !_expected.Any(predicate => predicate(entry))).ToArray();
        Xunit.Assert.True(unexpected.Length == 0, string.Join(Environment.NewLine, unexpected.Select(entry => entry.ToString())));
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <inheritdoc/>
    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Logger(TestLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => provider._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            List<KeyValuePair<string, object?>> held = [];
            provider._scopes.ForEachScope(
                static (scope, held) => held.AddRange(scope as IEnumerable<KeyValuePair<string, object?>> ?? []), held);
            provider._entries.Enqueue(new LogEntry(category, logLevel, eventId, formatter(state, exception), exception, held));
        }
    }
}
