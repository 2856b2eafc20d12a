using System.Diagnostics;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class MotionInboxTests
{
    private const int Rounds = 100_000;

    // Where the two threads have no core each, a round takes a time slice and seldom meets the moment: then fewer do.
    private static readonly TimeSpan Effort = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task ReadAsync_CancelledTheMomentItBeginsToWait_Ends()
    {
        MotionInbox inbox = new(
            new Reception(new MotionServerOptions(), TimeProvider.System), new MotionConnectionOptions("avatar", new MotionAudioFormat(16000)), () => throw new NotSupportedException());
        CancellationTokenSource? next = null;
        using CancellationTokenSource over = new();
        // Spins, since a thread that has to be woken comes too late for that moment.
        Task cancelling = Task.Run(() =>
        {
            for (int round = 0; !over.IsCancellationRequested; round++)
            {
                Thread.SpinWait(round % 20);
                Interlocked.Exchange(ref next, null)?.Cancel();
            }
        });

        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < Rounds && Stopwatch.GetElapsedTime(begin) < Effort; i++)
        {
            CancellationTokenSource cancel = new();
            await using IAsyncEnumerator<MotionMessage> reader = inbox.ReadAsync(cancel.Token).GetAsyncEnumerator();
            Volatile.Write(ref next, cancel);

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.MoveNextAsync().AsTask().DefaultTimeout());
        }

        await over.CancelAsync();
        await cancelling.DefaultTimeout();
    }
}
