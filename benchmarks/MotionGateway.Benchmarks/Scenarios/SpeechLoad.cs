using System.Diagnostics;

namespace MotionGateway.Benchmarks;

/// <summary>
/// Sessions that speak at the pace of speech, each with a viewer at the relay, and what gateway and relay take for it: while they are
/// cold, which is the warm-up, and after that.
/// </summary>
internal sealed class SpeechLoad(Deployment deployment, int sessions)
{
    /// <summary>
    /// The runtime compiles what is hot for about so long: what comes after it is steady (docs/benchmarks.md).
    /// </summary>
    private static readonly SpeechPace Pace = new(WarmUp: TimeSpan.FromSeconds(30), Measured: TimeSpan.FromSeconds(20));

    // What is loaded and compiled at the first words is no session's.
    private const int FirstSessions = 4;
    private static readonly SpeechPace FirstWords = new(WarmUp: TimeSpan.FromSeconds(5), Measured: TimeSpan.Zero);

    private readonly ChunkTimes[] _times = [.. Enumerable.Range(0, sessions).Select(_ => new ChunkTimes(Pace))];

    public async Task<SpeechCost> RunAsync()
    {
        await SayFirstWordsAsync();
        long gatewayEmpty = deployment.Gateway.ResidentBytes, relayEmpty = deployment.Relay.ResidentBytes;
        var conversations = await OpenAsync(_times);
        var begin = Moment.Of(deployment, _times);
        var speaking = SpeakAsync(Pace, _times, conversations);
        await Task.Delay(Pace.WarmUp);
        var warm = Moment.Of(deployment, _times);
        await Task.Delay(Pace.Measured);
        var end = Moment.Of(deployment, _times);
        long logBytes = await deployment.ReadLogBytesAsync();
        long gatewayBytes = deployment.Gateway.ResidentBytes - gatewayEmpty, relayBytes = deployment.Relay.ResidentBytes - relayEmpty;
        await speaking;
        await CloseAsync(conversations);
        return new SpeechCost(
            Percentiles.Of(_times.SelectMany(times => times.Audio)),
            Percentiles.Of(_times.SelectMany(times => times.Motion)),
            CpuMs(warm.Gateway, end.Gateway, end.Since(warm)),
            CpuMs(warm.Relay, end.Relay, end.Since(warm)),
            CpuMs(begin.Gateway, warm.Gateway, warm.Since(begin)),
            CpuMs(begin.Relay, warm.Relay, warm.Since(begin)),
            WakeUps(warm.Gateway, end.Gateway, end.Payloads - warm.Payloads),
            WakeUps(warm.Relay, end.Relay, end.Payloads - warm.Payloads),
            Math.Round((end.Payloads - warm.Payloads) / end.Since(warm).TotalSeconds / sessions, 1),
            end.Machine.PercentSince(warm.Machine),
            KibPerSession(logBytes),
            KibPerSession(gatewayBytes),
            KibPerSession(relayBytes));
    }

    private async Task SayFirstWordsAsync()
    {
        ChunkTimes[] times = [.. Enumerable.Range(0, FirstSessions).Select(_ => new ChunkTimes(FirstWords))];
        var conversations = await OpenAsync(times);
        await SpeakAsync(FirstWords, times, conversations);
        await CloseAsync(conversations);
    }

    private async Task<Conversation[]> OpenAsync(ChunkTimes[] times)
    {
        var conversations = new Conversation[times.Length];
        for (int i = 0; i < times.Length; i++)
        {
            conversations[i] = await Conversation.OpenAsync(deployment, times[i].Take);
        }

        return conversations;
    }

    private static Task SpeakAsync(SpeechPace pace, ChunkTimes[] times, Conversation[] conversations)
    {
        var speech = Conversation.CreateSpeech(SpeechPace.Chunk);
        return pace.SendAsync(times, (i, isLast) => conversations[i].SpeakAsync(speech, "turn", isLast));
    }

    private static Task CloseAsync(Conversation[] conversations) =>
        Task.WhenAll(conversations.Select(conversation => conversation.DisposeAsync().AsTask()));

    private static double WakeUps(ProcessUse from, ProcessUse to, long payloads) => Math.Round((double)(to.WakeUps - from.WakeUps) / payloads, 2);

    private double CpuMs(ProcessUse from, ProcessUse to, TimeSpan time) =>
        Math.Round((to.Processor - from.Processor).TotalMilliseconds / time.TotalSeconds / sessions, 2);

    private long KibPerSession(long bytes) => bytes / sessions / 1024;

    /// <summary>All that is counted, at one moment.</summary>
    private readonly record struct Moment(long Timestamp, ProcessUse Gateway, ProcessUse Relay, long Payloads, MachineTime Machine)
    {
        public static Moment Of(Deployment deployment, ChunkTimes[] times) => new(
            Stopwatch.GetTimestamp(), ProcessUse.Of(deployment.Gateway), ProcessUse.Of(deployment.Relay), times.Sum(own => own.Payloads), MachineTime.Read());

        public TimeSpan Since(Moment earlier) => Stopwatch.GetElapsedTime(earlier.Timestamp, Timestamp);
    }
}
