using System.Diagnostics;
using MotionGateway.Cli.Audio;

namespace MotionGateway.Cli.Speaking;

/// <summary>Sends speech as a voice would: in chunks, at once or at the speed at which it is heard.</summary>
internal sealed class SpeechSender(SpeechStream stream)
{
    /// <summary>Media time of a chunk. Default 100 ms.</summary>
    public TimeSpan Chunk { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether each chunk waits until it would have been spoken. Default: no.</summary>
    public bool IsRealTime { get; init; }

    /// <summary>Whether the turn has ended already, so that the rest of it would be thrown away. Default: never.</summary>
    public Func<bool> IsOver { get; init; } = () => false;

    /// <summary>Is told of the bytes sent so far. Default: nobody.</summary>
    public Action<long> OnProgress { get; init; } = _ => { };

    /// <summary>Sends a whole turn, or as much of it as comes before its end.</summary>
    /// <param name="turnId">The turn.</param>
    /// <param name="pcm">Its speech.</param>
    /// <param name="cancellationToken">Gives up; the turn stays open.</param>
    /// <returns>Bytes sent.</returns>
    public async Task<long> SendAsync(string turnId, PcmStream pcm, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        int chunkBytes = (int)(pcm.SampleRate * Chunk.TotalSeconds) * sizeof(short);
        byte[] buffer = new byte[Math.Clamp(chunkBytes, sizeof(short), stream.Opened.Limits.MaxChunkBytes & ~1)];
        long sent = 0;
        while (true)
        {
            int read = await pcm.ReadAsync(buffer, cancellationToken);
            if (IsRealTime)
            {
                await WaitUntilSpokenAsync(sent, pcm.SampleRate, clock, cancellationToken);
            }

            if (IsOver())
            {
                await stream.SendAudioAsync(turnId, ReadOnlyMemory<byte>.Empty, isLast: true, cancellationToken);
                return sent;
            }

            // The end of a pipe is known only when it comes: a closing chunk without samples tells it.
            bool isLast = read < buffer.Length || sent + read == pcm.Length;
            await stream.SendAudioAsync(turnId, buffer.AsMemory(0, read), isLast, cancellationToken);
            sent += read;
            OnProgress(sent);
            if (isLast)
            {
                return sent;
            }
        }
    }

    private static async Task WaitUntilSpokenAsync(long bytes, int sampleRate, Stopwatch clock, CancellationToken cancellationToken)
    {
        var early = TimeSpan.FromSeconds((double)bytes / sizeof(short) / sampleRate) - clock.Elapsed;
        if (early > TimeSpan.Zero)
        {
            await Task.Delay(early, cancellationToken);
        }
    }
}
