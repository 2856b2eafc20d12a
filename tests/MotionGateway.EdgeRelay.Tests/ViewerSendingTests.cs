using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.Feeds;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class ViewerSendingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_ThatWaitsWhileTheViewerLeaves_SendsTheBytesThatItWasGiven(bool isLost)
    {
        using var provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var time = TimeProvider.System;
        await using var workers = new FanOutWorkers(time);
        var services = new ViewerServices(
            new EdgeRelayOptions(), null!, null!, null!, null!, null!, workers,
            new RelayMetrics(provider.GetRequiredService<IMeterFactory>()), time, NullLogger<Viewer>.Instance);
        var transport = new WaitingTransport();
        await using var viewer = new Viewer("session", transport, new ProtobufFormat(), workers.Next(), services);
        var sending = new ViewerSending(viewer, transport, new ProtobufFormat(), new ViewerDues(), TimeSpan.Zero, services);

        var pool = new SlabPool(isPoisoning: true);
        var log = new SessionLog(new LogPosition(1, 0), new SessionLogOptions(), time, pool);
        var reader = log.OpenReader(new LogPosition(1, 0), int.MaxValue, new AsyncSignal());
        log.Append(MediaPayload.OfAudio(new LogPosition(1, 1), "turn", 0, 500, false, new byte[1000]));
        Assert.True(reader.TryRead(out var entry));
        byte[] bytes = entry.Encoded.ToArray();
        sending.Send(entry.Encoded, reader.Current, TimeSpan.Zero);
        Assert.True(sending.IsBusy);

        reader.Dispose();
        log.LetGo();
        Assert.Equal((null, 0), (log.Available, pool.IdleBytes));
        Assert.Equal(bytes, transport.Sending.ToArray());

        transport.Finish(isLost);
        await Eventually.TrueAsync(() => !sending.IsBusy);
        Assert.Equal(SlabPool.SmallestBytes, pool.IdleBytes);
    }

    /// <summary>A viewer that takes what it is sent when a test says so.</summary>
    private sealed class WaitingTransport : IViewerTransport
    {
        private readonly TaskCompletionSource<bool> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ReadOnlyMemory<byte> Sending { get; private set; }

        public void Finish(bool isLost)
        {
            if (isLost)
            {
                _taken.SetException(new IOException("lost"));
            }
            else
            {
                _taken.SetResult(true);
            }
        }

        public ValueTask<bool> TrySendAsync(ReadOnlyMemory<byte> message)
        {
            Sending = message;
            return new ValueTask<bool>(_taken.Task);
        }

        public ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync() => default;

        public Task DrainAsync() => Task.CompletedTask;

        public void Trust()
        {
        }

        public Task CloseAsync(ErrorReason reason) => Task.CompletedTask;

        public void Abort()
        {
        }

        public void Dispose()
        {
        }
    }
}
