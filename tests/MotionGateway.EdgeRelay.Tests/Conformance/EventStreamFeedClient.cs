using System.Net;
using System.Text.Json;
using MotionGateway.EdgeRelay.Tests.EventStream;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A viewer on the feed as server-sent events, which goes on by the last event's id.</summary>
internal sealed class EventStreamFeedClient : ResponseClient
{
    private readonly EventStreamClient _events;

    private EventStreamFeedClient(EventStreamClient events) => _events = events;

    public static async Task<FeedClient> ConnectAsync(SessionUnderTest session, FeedRequest request)
    {
        string start = request.Start switch
        {
            FeedStart.Live => "?start=live",
            FeedStart.Now => "?start=now",
            _ => "",
        };
        string? lastId = request.Position is { } position ? $"{position.Epoch}-{position.Sequence}" : null;
        return new EventStreamFeedClient(await EventStreamClient.ConnectAsync(
            $"{((RelaySession)session).Address}/v1/sessions/{session.Id}/events{start}", request.Token, lastId));
    }

    public override void Dispose() => _events.Dispose();

    protected override async Task<SubscribeResponse?> ReceiveResponseAsync()
    {
        if (_events.Status != HttpStatusCode.OK)
        {
            using var refusal = JsonDocument.Parse(await _events.ReadBodyAsync());
            EndReason = ReasonOf(refusal.RootElement.GetProperty("reason").GetString()!);
            return null;
        }

        while (await _events.ReceiveAsync() is { } received)
        {
            if (received.Type == "message")
            {
                EndReason = received.Response.Failure?.Reason ?? ErrorReason.Unspecified;
                return received.Response;
            }
        }

        return null;
    }
}
