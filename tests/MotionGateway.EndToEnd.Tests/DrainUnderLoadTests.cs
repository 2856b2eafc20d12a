using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>A gateway that is asked to stop while it is busy: nothing that was begun is cut, nothing is begun, and it is gone in time.</summary>
[Collection(nameof(SharedServices))]
public sealed class DrainUnderLoadTests(RunningServices services)
{
    private const int Sessions = 20;

    // Far more than the speech needs: what is gone within it has not been cut by it, on however slow a machine.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Shutdown_TwentySessionsSpeakAndAreWatched_NoTurnIsCutAndTheProcessIsGoneInTime()
    {
        var gateway = await services.StartGatewayAsync(settings: $"Gateway:ShutdownGrace={Grace.TotalSeconds}s");
        var relay = await services.StartRelayAsync(gateway);
        using var channel = GrpcChannel.ForAddress(gateway, new GrpcChannelOptions { HttpHandler = GatewayChannel.CreateHandler(), DisposeHttpClient = true });
        var speech = new SpeechService.SpeechServiceClient(channel);
        var all = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => SpeakAsync(speech, relay)));

        var stopping = services.StopAsync(gateway, Grace);
        await Task.WhenAll(all.Select(one => one.Speaker.WaitForAsync(response => response.GoingAway is not null)));
        var refusal = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(speech));
        var ends = Task.WhenAll(all.Select(one => one.Speaker.WaitForEndAsync()));
        await Task.WhenAll(all.Select(one => one.Viewer.ReceiveToEndAsync()));
        Assert.All(await ends, end => Assert.Equal(Status.DefaultSuccess, end));
        await stopping;

        Assert.True(RpcErrors.TryRead(refusal, out var failure), refusal.ToString());
        Assert.Equal(ErrorReason.ShuttingDown, failure.Reason);
        foreach (var (speaker, viewer) in all)
        {
            Assert.Equal(ErrorReason.ShuttingDown, speaker.Received[^1].Closed.Error);
            AssertEndedWell(speaker.Received.Payloads());
            AssertEndedWell(viewer.Payloads);
            viewer.AssertContiguous();
            speaker.Dispose();
            viewer.Dispose();
        }
    }

    [Fact]
    public async Task Shutdown_TheMotionServerIsMute_DoesNotHoldTheProcess()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var gateway = await services.StartGatewayAsync(new Uri($"http://{mute.LocalEndpoint}"), "local-key", settings: [$"Gateway:ShutdownGrace={Grace.TotalSeconds}s", "Gateway:MotionServer:StepTimeout=5m"]);
        using var channel = GrpcChannel.ForAddress(gateway);
        using var speaker = Speaker.Start(new SpeechService.SpeechServiceClient(channel));
        await speaker.SendAsync(new SpeakRequest { Open = new OpenSession { AvatarId = "avatar", AudioFormat = new AudioFormat { SampleRate = 16000 } } });
        using var peer = await mute.AcceptTcpClientAsync().DefaultTimeout();

        // No speech was begun: nothing of the grace is used, nor is the Motion Server waited for.
        await services.StopAsync(gateway, Grace / 2);
    }

    private async Task<(Speaker Speaker, TestViewer Viewer)> SpeakAsync(SpeechService.SpeechServiceClient speech, Uri relay)
    {
        var speaker = await Speaker.OpenAsync(speech);
        var viewer = await services.ConnectAsync(speaker.SessionId, relay: relay);
        await viewer.StartAsync(start => start.ViewerToken = speaker.Opened.ViewerToken);
        await viewer.ReceiveUntilAsync(response => response.Started is not null);
        await speaker.SayAsync(Clip.Read(4), "turn", chunkBytes: 32_000);
        await viewer.ReceiveUntilAsync(response => response.Payload?.Audio is not null);
        return (speaker, viewer);
    }

    private static void AssertEndedWell(IEnumerable<Payload> payloads)
    {
        var all = payloads.ToList();
        Assert.True(all[^1].SessionEnded is not null, $"The last payload is {all[^1]}.");
        Assert.Equal(TurnOutcome.Completed, all.Single(payload => payload.TurnEnded is not null).TurnEnded.Outcome);
        Assert.Equal(ErrorReason.ShuttingDown, all[^1].SessionEnded.Error);
    }
}
