using System.Diagnostics;

namespace MotionGateway.Benchmarks;

/// <summary>For how long sessions speak, in chunks of 64 ms at the pace of speech.</summary>
/// <param name="WarmUp">What is not measured.</param>
/// <param name="Measured">What is.</param>
internal sealed record SpeechPace(TimeSpan WarmUp, TimeSpan Measured)
{
    public static readonly TimeSpan Chunk = TimeSpan.FromMilliseconds(64);

    /// <summary>Chunks of a session.</summary>
    public int Chunks => (int)((WarmUp + Measured) / Chunk);

    /// <summary>
    /// Sends all chunks of all sessions. They begin spread over a chunk's time; each sends by the clock, however late the machine is.
    /// </summary>
    /// <param name="times">Of each session, when its chunks are sent.</param>
    /// <param name="sendAsync">Sends a chunk of a session, by its number; and whether it is the last.</param>
    public Task SendAsync(ChunkTimes[] times, Func<int, bool, Task> sendAsync) => Task.WhenAll(times.Select(async (own, i) =>
    {
        var begin = Stopwatch.StartNew();
        var offset = Chunk * i / times.Length;
        for (int n = 0; n < Chunks; n++)
        {
            var wait = offset + (Chunk * n) - begin.Elapsed;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait);
            }

            own.Sent(n);
            await sendAsync(i, n == Chunks - 1);
        }
    }));
}
