using System.Collections.Concurrent;
using System.Diagnostics;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>Callers that open a session, half-close, and read until it is over, again and again.</summary>
internal sealed class OpenLoad(SpeechService.SpeechServiceClient speech)
{
    private static readonly SpeakRequest Request = new()
    {
        Open = new OpenSession
        {
            AvatarId = "benchmark",
            AudioFormat = new AudioFormat { SampleRate = Conversation.SampleRate },
            WithoutPayloads = true,
        },
    };

    private readonly ConcurrentQueue<TimeSpan> _times = new();

    /// <summary>How long each took from its begin to <c>opened</c>, of those that are over.</summary>
    public IEnumerable<TimeSpan> Times => _times;

    /// <summary>Begins to count anew.</summary>
    public void Forget() => _times.Clear();

    /// <summary>Opens so many, or goes on until it is cancelled; those that are open then are closed as the others.</summary>
    public Task RunAsync(int atATime, int count, CancellationToken cancellationToken = default)
    {
        int begun = 0;
        return Task.WhenAll(Enumerable.Range(0, atATime).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref begun) <= count && !cancellationToken.IsCancellationRequested)
                {
                    await OpenAsync();
                }
            },
            CancellationToken.None)));
    }

    private async Task OpenAsync()
    {
        long since = Stopwatch.GetTimestamp();
        using var call = speech.Speak(cancellationToken: CancellationToken.None);
        await call.RequestStream.WriteAsync(Request, CancellationToken.None);
        await call.ResponseStream.MoveNext(CancellationToken.None);
        var opened = Stopwatch.GetElapsedTime(since);
        if (call.ResponseStream.Current.Opened is null)
        {
            throw new InvalidOperationException($"The first message is no opened: {call.ResponseStream.Current}");
        }

        await call.RequestStream.CompleteAsync();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
        }

        _times.Enqueue(opened);
    }
}
