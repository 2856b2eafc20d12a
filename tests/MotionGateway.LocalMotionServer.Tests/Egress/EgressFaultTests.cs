using MotionGateway.LocalMotion.Faults;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Egress;

/// <summary>What becomes of faults on connections with egress, where no motion comes over the WebSocket.</summary>
public sealed class EgressFaultTests : IAsyncLifetime, IDisposable
{
    private const int Rate = EgressClient.Rate;
    private readonly ObservedTimeProvider _clock = new();
    private readonly KeptLogs _logs = new();
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = _clock, IdleTimeout = null, LoggerFactory = _logs });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _logs.Dispose();

    // Each that needs motion on the wire, whatever it would have done to it.
    public static TheoryData<string> FaultsOfMotion => [.. FaultCatalog.All.Where(fault => !fault.StrikesEgress).Select(fault => fault.Name)];

    [Theory]
    [MemberData(nameof(FaultsOfMotion))]
    public async Task FaultOfMotion_WithEgress_DoesNotStrikeAndSaysSo(string avatarId)
    {
        using RawClient client = await OpenAsync(avatarId);
        await client.SendAudioAsync("turn", Speech.Silence(5 * Rate), end: true);
        await client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await Eventually.TrueAsync(() => _server.Egress.Connections[0].Requests[0].MotionMessages == 2);
        await _clock.WaitForTimerAsync(_clock.GetUtcNow().AddSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(5));

        await client.AssertStateAsync("turn", PlaybackState.Ended, 5000);
        Assert.Equal((125, 0), (_server.Egress.Connections[0].Requests[0].Keyframes, _server.Counters.AnimationsSent));
        Assert.Null(_server.Connections[0].Fault);
        Assert.Contains(_logs.Lines, line => line.Contains($"{avatarId} does not strike", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fault-stray-nobodys-motion@motion", 5)]
    [InlineData("fault-stray-empty-motion@motion", 0)]
    public async Task FaultWithAStrayMessage_WithEgress_ComesOverTheWebSocketAndIsNotPublished(string avatarId, int keyframes)
    {
        using RawClient client = await OpenAsync(avatarId);
        await client.SendAudioAsync("turn", Speech.Silence(5 * Rate), end: true);
        // Motion is made beside the playback.
        Message[] answers = [(await client.ReceivePastSignalsAsync())!, (await client.ReceivePastSignalsAsync())!];

        Assert.Equal(PlaybackState.Playing, Assert.Single(answers, answer => answer.ServerPlaybackState is not null).ServerPlaybackState.State);
        Assert.Equal(keyframes, Assert.Single(answers, answer => answer.ServerResponseAnimation is not null).ServerResponseAnimation.Animation.Keyframes.Count);
        Assert.Equal(avatarId, _server.Connections[0].Fault);
        await Eventually.TrueAsync(() => _server.Egress.Connections[0].Requests[0].MotionMessages == 2);
        Assert.Equal(125, _server.Egress.Connections[0].Requests[0].Keyframes);
    }

    [Fact]
    public async Task FaultOfATurn_WithEgress_StrikesWhenMotionIsPublished()
    {
        using RawClient client = await OpenAsync("fault-server-error-4001@motion");
        await client.SendAudioAsync("turn", Speech.Silence(5 * Rate), end: true);
        ServerError? error = await client.ReceiveErrorAsync();

        Assert.Equal((4001, "turn"), (error?.Code, error?.ReqId));

        // The error is told before the request is over.
        await Eventually.TrueAsync(() => _server.Egress.Connections is [{ Requests: [{ Keyframes: 50 }] }]);
    }

    private async Task<RawClient> OpenAsync(string avatarId)
    {
        RawClient client = await RawClient.ConnectAsync(_server, avatarId, await RawClient.TokenAsync(_server, now: _clock.GetUtcNow()));
        await client.ConfigureAsync(EgressClient.LiveKit());
        return client;
    }
}
