using MotionGateway.LocalMotion;
using MotionGateway.LocalMotion.Egress;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.OggOpus;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

/// <summary>The SDK and the local Motion Server together, where the server publishes by itself and where speech is Ogg Opus.</summary>
public sealed class LocalEgressTests : IAsyncLifetime
{
    private readonly ObservedTimeProvider _time = new();
    private LocalMotionServer _server = null!;
    private MotionServerClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = _time });
        _client = ClientOf(_server, _time);
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Egress_LiveKit_PlaysPausesResumesAndEnds()
    {
        await using IMotionConnection connection = await _client.ConnectAsync(new MotionConnectionOptions("avatar", new MotionAudioFormat(16000))
        {
            Egress = new LiveKitEgress(new Uri("wss://rtc.example.com"), "room", "avatar-1", LiveKitTokens.Make("room")),
        }).DefaultTimeout();
        await using IAsyncEnumerator<PlaybackUpdate> playback = connection.ReadPlaybackAsync().GetAsyncEnumerator();

        await using IMotionRequest request = connection.StartRequest();
        await request.SayAsync(new byte[16000 * 2 * 2]);
        PlaybackUpdate playing = await NextAsync(playback);
        await Eventually.TrueAsync(() => _server.Egress.Connections.Single().Requests.Single() is { AudioEnded: true, AudioDuration.TotalSeconds: 2 });
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await request.PauseAsync();
        PlaybackUpdate paused = await NextAsync(playback);
        await request.ResumeAsync();
        PlaybackUpdate resumed = await NextAsync(playback);
        await _time.WaitForTimerAsync(_time.GetUtcNow().AddMilliseconds(1500));
        _time.Advance(TimeSpan.FromMilliseconds(1500));
        PlaybackUpdate ended = await NextAsync(playback);

        Assert.Equal(
            [PlaybackState.Playing, PlaybackState.Paused, PlaybackState.Playing, PlaybackState.Ended],
            [playing.State, paused.State, resumed.State, ended.State]);
        Assert.Equal((TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2)), (paused.Played, ended.Played));
        // Motion is made beside the playback.
        await Eventually.TrueAsync(() => _server.Egress.Connections.Single().Requests.Single().Keyframes == 50);
        EgressRequest published = Assert.Single(Assert.Single(_server.Egress.Connections).Requests);
        Assert.Equal((TimeSpan.FromSeconds(2), 50), (published.AudioDuration, published.Keyframes));
    }

    [Fact]
    public async Task Egress_Agora_InterruptStopsTheRequest()
    {
        await using IMotionConnection connection = await _client.ConnectAsync(new MotionConnectionOptions("avatar", new MotionAudioFormat(24000))
        {
            Egress = new AgoraEgress("channel", "avatar-1", "channel-token"),
        }).DefaultTimeout();
        await using IAsyncEnumerator<PlaybackUpdate> playback = connection.ReadPlaybackAsync().GetAsyncEnumerator();

        await using IMotionRequest request = connection.StartRequest("r");
        await request.SayAsync(new byte[24000 * 2]);
        Assert.Equal(PlaybackState.Playing, (await NextAsync(playback)).State);
        await request.InterruptAsync();

        PlaybackUpdate stopped = await NextAsync(playback);
        Assert.Equal(("r", PlaybackState.Interrupted, "explicit"), (stopped.RequestId, stopped.State, stopped.Reason));
    }

    [Fact]
    public async Task Egress_ServerHasNone_IsEgressUnavailable()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { Egress = EgressSupport.None });
        await using MotionServerClient client = ClientOf(server, TimeProvider.System);

        MotionServerException failure = await client.ConnectAsync(new MotionConnectionOptions("avatar", new MotionAudioFormat(16000))
        {
            Egress = new AgoraEgress("channel", "avatar-1"),
        }).Failure();

        Assert.Equal(
            (MotionServerErrorCode.EgressUnavailable, MotionServerPhase.WebSocketHandshake, MotionServerRetry.Backoff),
            (failure.Code, failure.Phase, failure.Retry));
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(48000)]
    public async Task Opus_EncodedOnItsWay_GivesTheMotionOfItsLength(int sampleRate)
    {
        MotionAudioFormat format = MotionAudioFormat.PcmToOggOpus(new OggOpusEncoderOptions { SampleRate = sampleRate });
        await using IMotionConnection connection = await _client.ConnectAsync("avatar", format).DefaultTimeout();

        await using IMotionRequest request = connection.StartRequest();
        for (int i = 0; i < 5; i++)
        {
            await request.SendAsync(new byte[sampleRate * 2]);
        }

        await request.EndAsync();

        Assert.Equal(125, (await request.ReadAll().DefaultTimeout()).Sum(message => message.KeyframeCount));
    }

    private static MotionServerClient ClientOf(LocalMotionServer server, TimeProvider time) => new(server.ClientOptions(), timeProvider: time);

    private static async Task<PlaybackUpdate> NextAsync(IAsyncEnumerator<PlaybackUpdate> playback)
    {
        Assert.True(await playback.MoveNextAsync().AsTask().DefaultTimeout());
        return playback.Current;
    }
}
