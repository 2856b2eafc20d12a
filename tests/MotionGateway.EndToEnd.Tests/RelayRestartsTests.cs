using Google.Protobuf;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>The relay is killed again and again while many look on.</summary>
[Trait("Category", "Chaos")]
public sealed class RelayRestartsTests : IAsyncLifetime
{
    private const int Kills = 20;
    private const int Viewers = 50;
    private const int TurnSeconds = 3;
    private static readonly TimeSpan ChunkTime = TimeSpan.FromMilliseconds(100);

    private readonly RunningServices _services = new();

    public Task InitializeAsync() => _services.InitializeAsync();

    public Task DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Relay_KilledTwentyTimesDuringTurns_EachViewerHasEveryPayloadOnce()
    {
        using var speaker = await Speaker.OpenAsync(_services.Speech);
        using var reader = await FeedReader.OpenAsync(_services.Feed, speaker.SessionId);
        var reading = reader.ReadToEndAsync();
        List<ReturningViewer> viewers = [];
        for (int i = 0; i < Viewers; i++)
        {
            viewers.Add(new ReturningViewer(_services, speaker.SessionId, await _services.CreateTokenAsync(speaker.SessionId)));
        }

        using var killed = new CancellationTokenSource();
        var speaking = SpeakAsync(speaker, killed.Token);
        var viewing = viewers.ConvertAll(viewer => viewer.RunAsync());
        for (int i = 0; i < Kills; i++)
        {
            var had = viewers.ConvertAll(viewer => viewer.Count);
            await Eventually.TrueAsync(() => viewers.Zip(had).Count(pair => pair.First.Count > pair.Second) >= Viewers / 2);
            await _services.KillRelayAsync();
            await _services.RestartRelayAsync();
        }

        await killed.CancelAsync();
        await speaking.DefaultTimeout();
        await speaker.FinishAsync();
        await speaker.WaitForEndAsync();
        await Task.WhenAll(viewing).DefaultTimeout();

        // The reader at the gateway never lost its connection: it is the measure.
        var expected = (await reading.DefaultTimeout()).Payloads().Select(payload => payload.ToByteString()).ToList();
        Assert.All(viewers, viewer => Assert.Equal(expected, viewer.Payloads.Select(payload => payload.ToByteString())));
        Assert.InRange(viewers.Sum(viewer => viewer.Losses), Kills * Viewers / 2, Kills * Viewers);
    }

    /// <summary>Says turns at the pace of speech, so that there is always something on its way.</summary>
    private static async Task SpeakAsync(Speaker speaker, CancellationToken until)
    {
        byte[] speech = Clip.Read(TurnSeconds);
        int chunk = (int)(Clip.SampleRate * sizeof(short) * ChunkTime.TotalSeconds);
        using var pace = new PeriodicTimer(ChunkTime);
        for (int turn = 0; !until.IsCancellationRequested; turn++)
        {
            var ended = speaker.TurnEndedAsync($"turn-{turn}");
            for (int from = 0; from < speech.Length; from += chunk)
            {
                await pace.WaitForNextTickAsync(CancellationToken.None);
                await speaker.SendAudioAsync(speech[from..(from + chunk)], $"turn-{turn}", end: from + chunk == speech.Length);
            }

            await ended;
        }
    }
}
