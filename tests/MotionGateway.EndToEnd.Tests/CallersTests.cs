using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>A gateway that knows its callers, from the command that makes their keys to a viewer.</summary>
[Collection(nameof(OtherServices))]
[Trait("Category", "EndToEnd")]
public sealed class CallersTests(RunningServices services) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-callers-");

    private string KeysPath => Path.Combine(_directory.FullName, "callers.jsonl");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Keys_LetTheAgentSpeakAndTheRelayFollow_AndNobodyElse()
    {
        string agent = await CreateKeyAsync("agent", "speak");
        string relayKey = Path.Combine(_directory.FullName, "relay.key");
        await File.WriteAllTextAsync(relayKey, await CreateKeyAsync("relay", "read"));
        var gateway = await services.StartGatewayAsync(settings: $"Gateway:Callers:ApiKeysFile={KeysPath}");
        var relay = await services.StartRelayAsync(gateway, $"Relay:GatewayApiKeyFile={relayKey}");
        var keyless = await services.StartRelayAsync(gateway);

        using var channel = GrpcChannel.ForAddress(gateway);
        using var speaker = await Speaker.OpenAsync(SpeechOf(channel, agent));
        using var viewer = await services.ConnectAsync(speaker.SessionId, relay: relay);
        await viewer.StartAsync(start => start.ViewerToken = speaker.Opened.ViewerToken);
        await viewer.ReceiveUntilAsync(response => response.Started is not null);
        await speaker.SayAsync(Clip.Read(0.5), "hello");
        await viewer.ReceiveUntilAsync(response => response.Payload?.TurnSealed is not null);

        var stranger = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(SpeechOf(channel, null)));
        var relays = await Assert.ThrowsAsync<RpcException>(async () => await Speaker.OpenAsync(SpeechOf(channel, await File.ReadAllTextAsync(relayKey))));
        using var http = new HttpClient();
        using var ready = await http.GetAsync(new Uri(relay, "/readyz"));
        using var notReady = await http.GetAsync(new Uri(keyless, "/readyz"));

        Assert.Equal((StatusCode.Unauthenticated, StatusCode.PermissionDenied), (stranger.StatusCode, relays.StatusCode));
        Assert.Equal((true, false), (ready.IsSuccessStatusCode, notReady.IsSuccessStatusCode));
    }

    private static SpeechService.SpeechServiceClient SpeechOf(GrpcChannel channel, string? key) => new(channel.Intercept(metadata =>
    {
        if (key is not null)
        {
            metadata.Add("authorization", $"Bearer {key.Trim()}");
        }

        return metadata;
    }));

    private async Task<string> CreateKeyAsync(string name, string scope)
    {
        await using var command = Executable.Start("keys", "create", "--file", KeysPath, "--name", name, "--scope", scope);
        Assert.Equal(0, await command.WaitAsync(Executable.Limit));
        return command.Lines.Single(line => line.StartsWith("mgk_", StringComparison.Ordinal));
    }
}
