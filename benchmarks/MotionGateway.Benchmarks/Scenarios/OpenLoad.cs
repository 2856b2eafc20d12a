using System.Collections.Concurrent;
using System.Diagnostics;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>Callers that open a session, half-close, and read until it is over, again and again.</summary>
internal sealed class OpenLoad(SpeechService.SpeechServiceClient speech)
{
    private static readonly SpeakRequest Open = new()
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

    /// <summary>Goes on until it is cancelled; sessions that are open then are closed as the others.</summary>
    public Task RunAsync(int atATime, CancellationToken cancellationToken) => Task.WhenAll(
        Enumerable.Range(0, atATime).Select(_ => Task.Run(() => RunOneAsync(cancellationToken), CancellationToken.None)));

    private async Task RunOneAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            long since = Stopwatch.GetTimestamp();
            using var call = speech.Speak(cancellationToken: CancellationToken.None);
            await call.RequestStream.WriteAsync(Open, CancellationToken.None);
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
}
