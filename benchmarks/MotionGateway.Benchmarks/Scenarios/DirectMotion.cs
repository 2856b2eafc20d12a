using MotionGateway.MotionServer;

namespace MotionGateway.Benchmarks;

/// <summary>How long motion takes over the Motion Server's connection itself, of as many sessions at the same pace.</summary>
internal static class DirectMotion
{
    // Shorter than what it is held against: the Server SDK and the Motion Server alone are soon warm.
    private static readonly SpeechPace Pace = new(WarmUp: TimeSpan.FromSeconds(12), Measured: TimeSpan.FromSeconds(12));

    public static async Task<Percentiles> MeasureAsync(int sessions)
    {
        using var motionServer = await LocalMotionServerProcess.StartAsync();
        await using var client = new MotionServerClient(new MotionServerOptions
        {
            AppId = "local-app",
            ApiKey = "local-key",
            ConsoleUrl = motionServer.ConsoleUrl,
            IngressUrl = motionServer.IngressUrl,
        });
        var times = Enumerable.Range(0, sessions).Select(_ => new ChunkTimes(Pace)).ToArray();
        var connections = new List<IMotionConnection>();
        var requests = new List<IMotionRequest>();
        for (int i = 0; i < sessions; i++)
        {
            connections.Add(await client.ConnectAsync(new MotionConnectionOptions("benchmark", new MotionAudioFormat(Conversation.SampleRate))));
            requests.Add(connections[^1].StartRequest());
        }

        var reading = requests.Zip(times, ReadAsync).ToList();
        var speech = Conversation.CreateSpeech(SpeechPace.Chunk).Memory;
        await Pace.SendAsync(times, async (i, isLast) =>
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
}
