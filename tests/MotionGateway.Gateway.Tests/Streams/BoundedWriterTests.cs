using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>A peer that does not read is waited for no longer than the limit, whatever the transport makes of the reset.</summary>
public sealed class BoundedWriterTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _time = new();
    private readonly PendingStream _stream = new();
    private int _resets;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WriteAsync_ThatWaitsTooLong_ResetsTheStreamAndSaysSo(bool endsAsIfDone)
    {
        using var writer = Create(() => _stream.End(endsAsIfDone ? null : new IOException("aborted")));
        var write = writer.WriteAsync("one").AsTask();
        _time.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(write.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        var failure = await Assert.ThrowsAsync<GatewayException>(() => write);
        Assert.Equal((ErrorReason.ReaderTooSlow, 1), (failure.Reason, _resets));
    }

    [Fact]
    public async Task WriteAsync_AfterSlowOnes_HasTheWholeLimitAgain()
    {
        using var writer = Create(() => { });
        for (int i = 0; i < 3; i++)
        {
            var write = writer.WriteAsync("one").AsTask();
            _time.Advance(Limit / 2);
            _stream.End(null);
            await write;
        }

        _time.Advance(2 * Limit);
        Assert.Equal(0, _resets);
    }

    [Fact]
    public async Task WriteAsync_ThatFailsForAnotherReason_FailsWithIt()
    {
        using var writer = Create(() => { });
        var write = writer.WriteAsync("one").AsTask();
        _stream.End(new IOException("aborted"));

        await Assert.ThrowsAsync<IOException>(() => write);
    }

    // Kestrel's own rule, 240 bytes a second after 5 s, ends a connection with all its streams.
    [Fact]
    public void Transport_LeavesSlowReadersToTheStreamsThemselves()
    {
        var kestrel = new KestrelServerOptions();
        GatewayTransport.Configure(kestrel);

        Assert.Null(kestrel.Limits.MinResponseDataRate);
    }

    private BoundedWriter<string> Create(Action reset) => new(
        _stream,
        () =>
        {
            _resets++;
            reset();
        },
        Limit,
        _time);

    private sealed class PendingStream : IServerStreamWriter<string>
    {
        private TaskCompletionSource _write = new();

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(string message) => (_write = new TaskCompletionSource()).Task;

        public void End(Exception? fault)
        {
            if (fault is null)
            {
                _write.SetResult();
            }
            else
            {
                _write.SetException(fault);
            }
        }
    }
}
