using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>Rooms of LiveKit and Agora, from a caller in Python to a viewer's room token, over separate processes.</summary>
[Collection(nameof(OtherServices))]
[Trait("Category", "Interop")]
public sealed class EgressTests(RunningServices services)
{
    [RequiresToolFact(PythonScripts.Grpc, PythonScripts.Remedy)]
    public async Task Python_SpeaksIntoRoomsAndJoinsThem()
    {
        const string secret = "secret-of-the-rooms";
        var motionServer = await services.StartMotionServerAsync($"MotionServer:LiveKitApiSecret={secret}");
        var gateway = await services.StartGatewayAsync(
            motionServer, "local-key", "http://127.0.0.1:0",
            "Gateway:LiveKit:main:Url=wss://rooms.example", "Gateway:LiveKit:main:ApiKey=key", $"Gateway:LiveKit:main:ApiSecret={secret}",
            "Gateway:Agora:main:AppId=0123456789abcdef0123456789abcdef", "Gateway:Agora:main:AppCertificate=fedcba9876543210fedcba9876543210",
            "Gateway:Limits:PlaybackSignalTimeout=1m");
        var relay = await services.StartRelayAsync(gateway);

        var lines = await PythonScripts.RunAsync("egress.py", gateway, Clip.FilePath, motionServer.ToString(), relay.ToString());

        Assert.Equal(
            ["ok pause and resume", "ok interrupt", "ok what was published", "ok join", "ok cut in mid-turn"], lines);
    }
}
