using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>A shutdown in order: nobody new comes in, everybody is told, and not all are closed at once.</summary>
public sealed class DrainTests
{
    private const int Many = 5000;

    // A deadline is met within a tick of 20 ms.
    private const double Tick = 0.02;

    [Theory]
    [InlineData(10)]
    [InlineData(0)]
    public async Task Drain_OfManyViewers_ClosesAFewAtATime(int graceSeconds)
    {
        const int closesPerSecond = 2000;
        double perSecond = graceSeconds == 0 ? closesPerSecond : (double)Many / graceSeconds;
        var time = new FakeTimeProvider();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var options = new EdgeRelayOptions
        {
            ShutdownGrace = TimeSpan.FromSeconds(graceSeconds),
            StartTimeout = TimeSpan.FromHours(1),
            MaxUnverifiedConnections = Many,
        };
        var metrics = new RelayMetrics(services.GetRequiredService<IMeterFactory>());
        var registry = new ViewerRegistry(options, metrics);
        await using var workers = new FanOutWorkers(time);
        var format = new ProtobufFormat();
        var shared = new ViewerServices(
            options, null!, registry, null!, null!, null!, workers, metrics, time, NullLogger<Viewer>.Instance);
        var transports = Enumerable.Range(0, Many).Select(_ => new FakeTransport()).ToList();
        var served = transports.Select(transport => Task.Run(() => ServeAsync(transport))).ToList();
        await Eventually.TrueAsync(() => transports.TrueForAll(transport => transport.IsReading));

        var began = time.GetUtcNow();
        var drained = registry.DrainAsync();
        for (double seconds = 0.5; seconds * perSecond < Many; seconds += 0.5)
        {
            int due = (int)((seconds - Tick) * perSecond);
            var left = began + TimeSpan.FromSeconds(seconds) - time.GetUtcNow();
            time.Advance(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            await time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(1), () => CountClosed() >= due);
            Assert.InRange(CountClosed(), due, (time.GetUtcNow() - began).TotalSeconds * perSecond);
        }

        await time.AdvanceUntilAsync(TimeSpan.FromSeconds(0.1), () => drained.IsCompleted);
        Assert.All(transports, transport => Assert.Equal(ErrorReason.ShuttingDown, transport.Reason));
        await Task.WhenAll(served).DefaultTimeout();

        int CountClosed() => transports.Count(transport => transport.IsClosed);

        Task ServeAsync(FakeTransport transport) =>
            ViewerConnection.ServeAsync("session", transport, format, workers.Next(), start: null, shared);
    }

    [Fact]
    public async Task Relay_ShutsDown_AnswersWhoeverAsksUntilTheLastViewerHasLeft()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.ShutdownGrace = TimeSpan.FromMinutes(30));
        var session = test.AddSession();
        using var viewer = await test.ViewAsync();
        Assert.True(await test.IsReadyAsync());

        var stopping = test.Relay.StopAsync();
        var told = await viewer.ReceiveUntilAsync(response => response.GoingAway is not null);
        Assert.False(await test.IsReadyAsync());
        using var refused = await test.AskForFeedAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        await viewer.ReceiveThroughAsync(session.Say("still served"));
        Assert.False(stopping.IsCompleted);
        await viewer.CloseAsync();
        await stopping.DefaultTimeout();

        Assert.InRange(told.GoingAway.GraceMs, 1, TimeSpan.FromMinutes(30).TotalMilliseconds);
    }

    /// <summary>A viewer that takes everything at once, and leaves when it is told to.</summary>
    private sealed class FakeTransport : IViewerTransport
    {
        private readonly TaskCompletionSource<ReadOnlyMemory<byte>?> _leaving = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isReading;

        public bool IsReading => _isReading;

        public bool IsClosed => _leaving.Task.IsCompleted;

        public ErrorReason Reason { get; private set; }

        public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync()
        {
            _isReading = true;
            return await _leaving.Task;
        }

        public Task DrainAsync() => _leaving.Task;

        public void Trust()
        {
        }

        public ValueTask<bool> TrySendAsync(ReadOnlyMemory<byte> message) => ValueTask.FromResult(true);

        public Task CloseAsync(ErrorReason reason)
        {
            Reason = reason;
            _leaving.TrySetResult(null);
            return Task.CompletedTask;
        }

        public void Abort() => _leaving.TrySetResult(null);

        public void Dispose()
        {
        }
    }
}
