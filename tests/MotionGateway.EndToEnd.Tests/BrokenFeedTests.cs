using Grpc.Core;
using Grpc.Net.Client;
using MotionGateway.Chaos.Tests.Network;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>What stands between relay and gateway cuts the long stream, lets it die without a word, or the gateway goes away.</summary>
[Trait("Category", "EndToEnd")]
public sealed class BrokenFeedTests : IAsyncLifetime, IAsyncDisposable
{
    private const double Seconds = 3;

    private readonly RunningServices _services = new();
    private readonly HeldPort _port = HeldPort.Take();
    private Uri _gateway = null!;
    private Uri _relay = null!;
    private ChaosProxy _proxy = null!;
    private GrpcChannel _channel = null!;
    private Speaker _speaker = null!;
    private TestViewer _viewer = null!;

    public async Task InitializeAsync()
    {
        await _services.InitializeAsync();
        _gateway = await StartGatewayAsync();
        _proxy = new ChaosProxy(_gateway.Port);
        _channel = GrpcChannel.ForAddress(_gateway);
        _speaker = await Speaker.OpenAsync(new SpeechService.SpeechServiceClient(_channel));
    }

    ValueTask IAsyncDisposable.DisposeAsync() => ValueTask.CompletedTask;

    public async Task DisposeAsync()
    {
        _viewer.Dispose();
        _speaker.Dispose();
        _channel.Dispose();
        await _proxy.DisposeAsync();
        await _services.DisposeAsync();
        _port.Dispose();
    }

    [Fact]
    public async Task Feed_CutThreeTimesWithinATurn_CostsViewersNothing()
    {
        await ViewAsync();
        byte[] speech = Clip.Read(Seconds);
        for (int part = 0; part < 4; part++)
        {
            int from = part * speech.Length / 4;
            await _speaker.SayAsync(speech[from..((part + 1) * speech.Length / 4)], $"part-{part}");
            await _viewer.ReceiveUntilAsync(response => response.Payload?.TurnId == $"part-{part}" && response.Payload.Audio is not null);
            _proxy.ToAll(connection => connection.Cut());
        }

        await AssertWholeAsync(speech);
    }

    [Fact]
    public async Task Feed_WhoseConnectionDiesWithoutAWord_IsMadeAnewAndCostsViewersNothing()
    {
        await ViewAsync();
        byte[] speech = Clip.Read(Seconds);
        await _speaker.SayAsync(speech[..(speech.Length / 2)], "before");
        await _viewer.ReceiveUntilAsync(response => response.Payload?.Audio is not null);
        _proxy.ToAll(connection => connection.Stall(TimeSpan.FromHours(1)));
        await _speaker.SayAsync(speech[(speech.Length / 2)..], "after");

        await AssertWholeAsync(speech);
    }

    [Fact]
    public async Task Gateway_ThatIsStopped_LetsTheTurnBeHeardAndTellsViewersTheEnd()
    {
        await ViewAsync();
        byte[] speech = Clip.Read(Seconds);
        await _speaker.SayAsync(speech, "last");
        await _viewer.ReceiveUntilAsync(response => response.Payload?.Audio is not null);

        var stopping = _services.StopAsync(_gateway);
        Assert.Null(await _viewer.ReceiveToEndAsync());
        var status = await _speaker.WaitForEndAsync();
        await stopping;

        FeedAssert.Whole(_viewer.Payloads, "last", speech, Clip.SampleRate);
        Assert.Equal(ErrorReason.ShuttingDown, _viewer.Payloads.Last().SessionEnded.Error);
        Assert.Equal(1000, _viewer.CloseCode);
        Assert.Equal((StatusCode.OK, ErrorReason.ShuttingDown), (status.StatusCode, _speaker.Received[^1].Closed.Error));
    }

    [Fact]
    public async Task Gateway_ThatIsKilledAndStartedAgain_IsToldToViewersAndServesNewOnes()
    {
        await ViewAsync();
        await _speaker.SayAsync(Clip.Read(Seconds), "lost");
        await _viewer.ReceiveUntilAsync(response => response.Payload?.Audio is not null);

        await _services.KillAsync(_gateway);
        var away = await _viewer.ReceiveUntilAsync(response => response.GatewayAway is not null);
        await StartGatewayAsync();
        var failure = await _viewer.ReceiveToEndAsync();
        using var speaker = await Speaker.OpenAsync(new SpeechService.SpeechServiceClient(_channel));
        using var viewer = await ViewAsync(speaker);
        await speaker.SayAsync(Clip.Read(1), "anew");

        await viewer.ReceiveUntilAsync(response => response.Payload?.Audio is not null);
        Assert.InRange(away.GatewayAway.LimitMs, 1, 60_000);
        Assert.Equal((ErrorReason.SessionNotFound, false), (failure?.Reason, failure?.Retryable));
    }

    private Task<Uri> StartGatewayAsync() => _services.StartGatewayAsync(url: _port.Url, settings: "Gateway:ShutdownGrace=30s");

    private async Task ViewAsync()
    {
        _relay = await _services.StartRelayAsync(new Uri($"http://{_proxy.Address}"));
        _viewer = await ViewAsync(_speaker);
    }

    private async Task<TestViewer> ViewAsync(Speaker speaker)
    {
        var viewer = await _services.ConnectAsync(speaker.SessionId, relay: _relay);
        await viewer.StartAsync(start => start.ViewerToken = speaker.Opened.ViewerToken);
        await viewer.ReceiveUntilAsync(response => response.Started is not null);
        return viewer;
    }

    private async Task AssertWholeAsync(byte[] speech)
    {
        await _speaker.FinishAsync();
        var speaking = _speaker.WaitForEndAsync();
        Assert.Null(await _viewer.ReceiveToEndAsync());
        var status = await speaking;
        Assert.True(status.StatusCode == StatusCode.OK, status.ToString());

        FeedAssert.Contiguous(_viewer.Received);
        Assert.Equal(speech, _viewer.Payloads.Audio());
        Assert.All(_viewer.Payloads.Ended(), end => Assert.Equal(TurnOutcome.Completed, end.Outcome));
    }
}
