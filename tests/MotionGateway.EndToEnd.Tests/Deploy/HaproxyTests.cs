using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>deploy/haproxy/haproxy.cfg carries sessions and viewers.</summary>
[Collection(nameof(OtherServices))]
[Trait("Category", "Interop")]
public sealed class HaproxyTests(RunningServices services) : IDisposable
{
    private const string Turn = "turn";
    private const int Viewers = 4;
    private const int TurnSeconds = 8;

    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [RequiresToolFact(Haproxy.Program, Haproxy.Remedy)]
    public async Task Session_ThroughTheProxy_IsAtOneRelayAndOutlivesIt()
    {
        var (relayA, relayB) = (await services.StartRelayAsync(services.GatewayUrl), await services.StartRelayAsync(services.GatewayUrl));
        await using var proxy = await Haproxy.StartAsync(services.GatewayUrl, relayA, relayB);
        using var channel = GrpcChannel.ForAddress(proxy.GatewayUrl);
        using var speaker = await Speaker.OpenAsync(new SpeechService.SpeechServiceClient(channel));
        using var reader = await FeedReader.OpenAsync(services.Feed, speaker.SessionId);
        var reading = reader.ReadToEndAsync();
        string token = await services.CreateTokenAsync(speaker.SessionId);
        var viewers = Enumerable.Range(0, Viewers).Select(_ => new ReturningViewer(services, speaker.SessionId, token, proxy.RelayUrl)).ToList();
        var viewing = viewers.ConvertAll(viewer => viewer.RunAsync());
        await speaker.SayAsync(Clip.Read(TurnSeconds), Turn);
        await Eventually.TrueAsync(() => viewers.TrueForAll(viewer => viewer.Count > 1));

        bool isA = CountViewers(relayA) > 0;
        var (taken, other) = isA ? (relayA, relayB) : (relayB, relayA);
        Assert.Equal((Viewers, 0), (CountViewers(taken), CountViewers(other)));
        await AssertPublishedFeedIsThereTooAsync(proxy, token, isA ? "a" : "b");

        await services.KillAsync(taken);
        await speaker.TurnEndedAsync(Turn);
        await Eventually.EqualAsync(Viewers, () => CountViewers(other));
        await speaker.FinishAsync();
        Assert.Equal(StatusCode.OK, (await speaker.WaitForEndAsync()).StatusCode);
        await Task.WhenAll(viewing).DefaultTimeout();

        // The reader at the gateway lost nothing: it is the measure.
        var expected = (await reading.DefaultTimeout()).Payloads().Select(payload => payload.ToByteString()).ToList();
        Assert.All(viewers, viewer => Assert.Equal(expected, viewer.Payloads.Select(payload => payload.ToByteString())));
        Assert.DoesNotContain(proxy.Lines, line => line.Contains(token, StringComparison.Ordinal) || line.Contains(speaker.SessionId, StringComparison.Ordinal));
    }

    // A published client's address names the session within its token.
    private async Task AssertPublishedFeedIsThereTooAsync(Haproxy proxy, string token, string server)
    {
        int before = proxy.Lines.Count;
        using var answer = await _http.GetAsync(new Uri(proxy.RelayUrl, $"/d/{token}/healthz"));

        answer.EnsureSuccessStatusCode();
        await proxy.WaitForLineAsync(_ => proxy.Lines.Skip(before).Any(line => line.Contains($"relay_of_session/{server} ", StringComparison.Ordinal)));
    }

    private int CountViewers(Uri relay)
    {
        using var answer = _http.Send(new HttpRequestMessage(HttpMethod.Get, new Uri(relay, "/readyz")));
        using var ready = JsonDocument.Parse(answer.Content.ReadAsStream());
        return ready.RootElement.GetProperty("viewers").GetInt32();
    }
}
