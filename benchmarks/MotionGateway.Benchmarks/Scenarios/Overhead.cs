using System.Diagnostics;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>
/// What gateway and relay add and cost while sessions speak at the pace of speech in chunks of 64 ms: time from a chunk's sending to its
/// audio and to its motion at a viewer of the relay, processor time and memory. Peer: the Motion Server's connection used directly.
/// </summary>
internal sealed class Overhead(int sessions) : IScenario
{
    private static readonly TimeSpan Chunk = TimeSpan.FromMilliseconds(64);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(20);

    public string Name => $"overhead-{sessions}";

    public string Description =>
        $"{sessions} sessions at the pace of speech, from a chunk's sending to a viewer of the relay; peer: motion over the Motion Server's connection itself";

    public async Task<object> RunAsync(string executable)
    {
        var peer = await MeasureDirectlyAsync(executable);
        using var deployment = await Deployment.StartAsync(executable);
        long gatewayBefore = deployment.Gateway.ResidentBytes, relayBefore = deployment.Relay.ResidentBytes;
        var arrivals = new ChunkTimes[sessions];
        var conversations = new Conversation[sessions];
        for (int i = 0; i < sessions; i++)
        {
            arrivals[i] = new ChunkTimes();
            conversations[i] = await Conversation.OpenAsync(deployment, arrivals[i].Take);
        }

        var speech = Conversation.CreateSpeech(Chunk);
        var speaking = PaceAsync(arrivals, (i, isLast) => conversations[i].SpeakAsync(speech, "turn", isLast));
        await Task.Delay(WarmUp);
        var (gatewayFrom, relayFrom) = (deployment.Gateway.ProcessorTime, deployment.Relay.ProcessorTime);
        long since = Stopwatch.GetTimestamp();
        await Task.Delay(Measured);
        double seconds = Stopwatch.GetElapsedTime(since).TotalSeconds * sessions;
        double gatewayMs = (deployment.Gateway.ProcessorTime - gatewayFrom).TotalMilliseconds / seconds;
        double relayMs = (deployment.Relay.ProcessorTime - relayFrom).TotalMilliseconds / seconds;
        var logBytes = (await deployment.Sessions.ListSessionsAsync(new ListSessionsRequest { PageSize = 1000 })).Sessions.Sum(session => session.LogBytes);
        var (gatewayBytes, relayBytes) = (deployment.Gateway.ResidentBytes - gatewayBefore, deployment.Relay.ResidentBytes - relayBefore);
        await speaking;
        await Task.WhenAll(conversations.Select(conversation => conversation.DisposeAsync().AsTask()));
        var motion = Percentiles.Of(arrivals.SelectMany(times => times.Motion));
        return new
        {
            Name,
            Description,
            Sessions = sessions,
            AudioMs = Percentiles.Of(arrivals.SelectMany(times => times.Audio)),
            SubjectMs = motion,
            PeerMs = peer,
            Ratio = Math.Round(motion.P50 / peer.P50, 3),
            AddedP50Ms = Math.Round(motion.P50 - peer.P50, 2),
            AddedP99Ms = Math.Round(motion.P99 - peer.P99, 2),
            CpuMsPerSessionSecond = Math.Round(gatewayMs + relayMs, 2),
            GatewayCpuMsPerSessionSecond = Math.Round(gatewayMs, 2),
            RelayCpuMsPerSessionSecond = Math.Round(relayMs, 2),
            LogKibPerSession = logBytes / sessions / 1024,
            GatewayKibPerSession = gatewayBytes / sessions / 1024,
            RelayKibPerSession = relayBytes / sessions / 1024,
        };
    }

    // Sessions begin spread over a chunk's time; each sends by the clock, however late the machine is.
    private static Task PaceAsync(ChunkTimes[] times, Func<int, bool, Task> sendAsync) => Task.WhenAll(times.Select(async (own, i) =>
    {
        int count = (int)((WarmUp + Measured) / Chunk);
        var begin = Stopwatch.StartNew();
        var offset = Chunk * i / times.Length;
        for (int n = 0; n < count; n++)
        {
            var wait = offset + (Chunk * n) - begin.Elapsed;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait);
            }

            own.Sent(n);
            await sendAsync(i, n == count - 1);
        }
    }));

    private async Task<Percentiles> MeasureDirectlyAsync(string executable)
    {
        using var deployment = await Deployment.StartAsync(executable);
        await using var client = new MotionServerClient(new MotionServerOptions
        {
            AppId = "local-app",
            ApiKey = "local-key",
            ConsoleUrl = new Uri(deployment.MotionServerUrl, "/v1/console"),
            IngressUrl = new UriBuilder(deployment.MotionServerUrl) { Scheme = "ws", Path = "/v2/driveningress" }.Uri,
        });
        var times = Enumerable.Range(0, sessions).Select(_ => new ChunkTimes()).ToArray();
        var connections = new List<IMotionConnection>();
        var requests = new List<IMotionRequest>();
        foreach (var own in times)
        {
            connections.Add(await client.ConnectAsync(new MotionConnectionOptions("benchmark", new MotionAudioFormat(Conversation.SampleRate))));
            requests.Add(connections[^1].StartRequest());
        }

        var reading = requests.Zip(times, ReadAsync).ToList();
        var speech = Conversation.CreateSpeech(Chunk).Memory;
        await PaceAsync(times, async (i, isLast) =>
        {
            await requests[i].SendAsync(speech);
            if (isLast)
            {
                await requests[i].EndAsync();
            }
        });
        await Task.WhenAll(reading);
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        return Percentiles.Of(times.SelectMany(own => own.Motion));
    }

    private static async Task ReadAsync(IMotionRequest request, ChunkTimes times)
    {
        await foreach (var message in request.ReadMotionAsync())
        {
            using (message)
            {
                times.TakeMotion(message.KeyframeCount);
            }
        }
    }

    /// <summary>When each chunk of one session was sent, and how long its audio and its motion took.</summary>
    private sealed class ChunkTimes
    {
        private static readonly long ChunkSamples = (long)(Chunk.TotalSeconds * Conversation.SampleRate);

        private readonly long[] _sent = new long[(int)((WarmUp + Measured) / Chunk)];
        private long _keyframes;

        public List<TimeSpan> Audio { get; } = [];

        public List<TimeSpan> Motion { get; } = [];

        public void Sent(int chunk) => Volatile.Write(ref _sent[chunk], Stopwatch.GetTimestamp());

        public void Take(in PayloadHeader payload, int messageBytes)
        {
            if (payload.Kind == PayloadKind.Audio)
            {
                var audio = V1.Audio.Parser.ParseFrom(payload.Content);
                Add(Audio, audio.FirstSample + audio.SampleCount - 1);
            }
            else if (payload.Kind == PayloadKind.Motion)
            {
                TakeMotion(V1.Motion.Parser.ParseFrom(payload.Content).KeyframeCount);
            }
        }

        public void TakeMotion(int keyframes)
        {
            _keyframes += keyframes;
            Add(Motion, (_keyframes * (Conversation.SampleRate / 25)) - 1);
        }

        // From the sending of the chunk that holds the sample.
        private void Add(List<TimeSpan> times, long sample)
        {
            long chunk = sample / ChunkSamples;
            if (sample >= 0 && chunk < _sent.Length && chunk * Chunk >= WarmUp && Volatile.Read(ref _sent[chunk]) is var sent and > 0)
            {
                times.Add(Stopwatch.GetElapsedTime(sent));
            }
        }
    }
}
