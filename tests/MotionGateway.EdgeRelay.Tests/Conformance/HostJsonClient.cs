using System.Text.Json;
using MotionGateway.EdgeRelay.Tests.Published;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A published client of host mode in JSON: it is told of no turn's name and no opening.</summary>
internal sealed class HostJsonClient : FeedClient
{
    private readonly PublishedClient _client;

    private HostJsonClient(PublishedClient client) => _client = client;

    public static async Task<FeedClient> ConnectAsync(SessionUnderTest session, FeedRequest request) =>
        new HostJsonClient(await PublishedClient.ConnectAsync(((RelaySession)session).Test, $"/d/{request.Token}/host"));

    public override void Dispose() => _client.Dispose();

    protected override async Task<IReadOnlyList<FeedEvent>?> ReceiveAsync()
    {
        if (await _client.ReceiveAsync() is { } message)
        {
            return [.. Read(message)];
        }

        EndReason = ReasonOf(_client.CloseCode);
        return null;
    }

    private static IEnumerable<FeedEvent> Read(JsonElement message)
    {
        var data = message.GetProperty("data");
        if (PublishedClient.TypeOf(message) == "motion")
        {
            foreach (var envelope in data.EnumerateArray())
            {
                yield return new(FeedSign.Motion) { Data = envelope.GetBytesFromBase64() };
            }

            yield break;
        }

        yield return new(FeedSign.Audio) { Data = data.GetBytesFromBase64() };
        if (message.GetProperty("end").GetBoolean())
        {
            yield return new(FeedSign.TurnComplete);
        }
    }
}
