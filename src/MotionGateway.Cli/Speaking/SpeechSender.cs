using System.Diagnostics;
using MotionGateway.Cli.Audio;

namespace MotionGateway.Cli.Speaking;

/// <summary>Sends speech as a voice would: in chunks, at once or at the speed at which it is heard.</summary>
internal sealed class SpeechSender(SpeechStream stream)
{
    /// <summary>Media time of a chunk; a guess where bytes do not tell it. Default 100 ms.</summary>
    public TimeSpan Chunk { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether each chunk waits until it would have been spoken. Default: no.</summary>
    public bool IsRealTime { get; init; }

    /// <summary>Whether the turn has ended already, so that the rest of it would be thrown away. Default: never.</summary>
    public Func<bool> IsOver { get; init; } = () => false;

    /// <summary>Is told of the bytes sent so far. Default: nobody.</summary>
    public Action<long> OnProgress { get; init; } = _ => { };

    /// <summary>Sends a whole turn, or as much of it as comes before its end.</summary>
    /// <param name="turnId">The turn.</param>
    /// <param name="speech">Its speech.</param>
    /// <param name="cancellationToken">Gives up; the turn stays open.</param>
    /// <returns>Bytes sent.</returns>
    public async Task<long> SendAsync(string turnId, SpeechInput speech, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        double chunkBytes = speech.Clock.BytesPerSecond * Chunk.TotalSeconds;
        byte[] buffer = new byte[(int)Math.Clamp(chunkBytes, 1, stream.Opened.Limits.MaxChunkBytes)];
        long sent = 0;
        while (true)
        {
            int read = await speech.ReadAsync(buffer, cancellationToken);
            if (IsRealTime)
            {
                await WaitUntilAsync(speech.Clock.Sent, clock, cancellationToken);
            }

            if (IsOver())
            {
                await stream.SendAudioAsync(turnId, ReadOnlyMemory<byte>.Empty, isLast: true, cancellationToken);
                return sent;
            }

            // The end of a pipe is known only when it comes: a closing chunk without samples tells it.
            bool isLast = read < buffer.Length || sent + read == speech.Length;
            await stream.SendAudioAsync(turnId, buffer.AsMemory(0, read), isLast, cancellationToken);
            speech.Clock.Add(buffer.AsSpan(0, read));
            sent += read;
            OnProgress(sent);
            if (isLast)
            {
                return sent;
            }
        }
    }

    private static async Task WaitUntilAsync(TimeSpan spoken, Stopwatch clock, CancellationToken cancellationToken)
    {
        var early = spoken - clock.Elapsed;
        if (early > TimeSpan.Zero)
        {
            await Task.Delay(early, cancellationToken);
        }
    }
}
