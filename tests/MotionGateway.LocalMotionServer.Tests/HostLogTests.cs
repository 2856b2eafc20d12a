using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MotionGateway.LocalMotion.Tests;

public sealed class HostLogTests : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public ILogger CreateLogger(string categoryName) => new Recorder(categoryName, _lines);

    public void Dispose() => _lines.Clear();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Log_OfASession_HoldsNoCredential(bool byQuery)
    {
        using ILoggerFactory logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(this));
        string token;
        await using (LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { LoggerFactory = logs }))
        {
            token = await RawClient.TokenAsync(server);
            using RawClient client = await RawClient.ConnectAsync(server, "ann", token, byQuery: byQuery);
            await client.CloseAsync();
        }

        Assert.Contains(_lines, line => line.Contains("ann", StringComparison.Ordinal));
        Assert.DoesNotContain(_lines, line => line.Contains(token, StringComparison.Ordinal) || line.Contains("local-key", StringComparison.Ordinal));
    }

    private sealed class Recorder(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{category} {formatter(state, exception)} {exception}");
    }
}
