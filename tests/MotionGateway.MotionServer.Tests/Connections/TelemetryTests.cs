using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using MotionGateway.MotionServer.Tests.Scripted;

namespace MotionGateway.MotionServer.Tests.Connections;

/// <summary>Runs alone: meters and activity sources are the process's.</summary>
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests
{
    [Fact]
    public async Task Errors_ServerErrorThenClose_AreCountedOnce()
    {
        using Measurements measurements = new();
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendErrorAsync(4001, "credits exhausted");
            await socket.CloseAsync(4001);
        });

        await session.Connection.Completion.Failure();
        await session.Connection.SendAudioAsync("r", new byte[2], isLast: false).AsTask().Failure();

        Assert.Equal("1 error.type=creditsExhausted motion_server.phase=websocket_runtime", Assert.Single(measurements.Of("motion_server.client.errors")));
    }

    [Fact]
    public async Task Connection_FromOpenToClose_IsMeasuredAndTraced()
    {
        using Measurements measurements = new();
        ConcurrentQueue<string> spans = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == MotionServerTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => spans.Enqueue(activity.OperationName),
        };
        ActivitySource.AddActivityListener(listener);
        await using Session session = await Session.OpenAsync(async socket =>
        {
            await socket.SendAsync(Motion.Of("r", 7));
            await socket.SendRawAsync([0xFF]);
            await socket.ReadToCloseAsync();
        });

        await session.Connection.SendAudioAsync("r", new byte[100], isLast: true);
        await foreach (MotionMessage message in session.Connection.ReadMotionAsync())
        {
            Assert.Equal(7, message.KeyframeCount);
            break;
        }

        await session.Connection.CloseAsync().Soon();

        Assert.Equal(["motion_server token", "motion_server connect", "motion_server handshake", "motion_server close"], spans);
        Assert.Contains("1 network.io.direction=transmit", measurements.Of("motion_server.client.messages"));
        Assert.Contains("1 network.io.direction=receive", measurements.Of("motion_server.client.messages"));
        Assert.Equal(["7"], measurements.Of("motion_server.client.keyframes"));
        Assert.Equal(["1 motion_server.reason=malformed"], measurements.Of("motion_server.client.ignored_messages"));
        Assert.Equal(["1", "-1"], measurements.Of("motion_server.client.active_connections"));
        Assert.Empty(measurements.Of("motion_server.client.errors"));
    }

    private sealed class Measurements : IDisposable
    {
        private readonly ConcurrentQueue<(string Name, string Text)> _seen = new();
        private readonly MeterListener _listener = new();

        public Measurements()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == MotionServerTelemetry.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                string text = value.ToString(System.Globalization.CultureInfo.InvariantCulture);
                foreach (KeyValuePair<string, object?> tag in tags)
                {
                    text += $" {tag.Key}={tag.Value}";
                }

                _seen.Enqueue((instrument.Name, text));
            });
            _listener.Start();
        }

        public string[] Of(string name) => [.. _seen.Where(entry => entry.Name == name).Select(entry => entry.Text)];

        public void Dispose() => _listener.Dispose();
    }
}
