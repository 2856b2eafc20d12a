using System.Globalization;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>The feed as server-sent events: <c>GET /v1/sessions/{id}/events</c>.</summary>
internal static class EventStreamEndpoint
{
    public const string Path = "/v1/sessions/{sessionId}/events";

    private static readonly Dictionary<string, FeedStart> Starts = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = FeedStart.CurrentTurn,
        ["current_turn"] = FeedStart.CurrentTurn,
        ["live"] = FeedStart.Live,
        ["now"] = FeedStart.Now,
    };

    public static async Task HandleAsync(HttpContext context, string sessionId, ViewerServices services, ViewerAdmission admission)
    {
        string lastId = ReadLastId(context.Request);
        if (lastId == EventStreamFormat.EndId)
        {
            // All that there was has been told: the one answer after which a browser does not come again.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (admission.TryAdmit(context, out var place) is { } refusal)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        using (place)
        {
            await ServeAsync(context, sessionId, lastId, services);
        }
    }

    private static async Task ServeAsync(HttpContext context, string sessionId, string lastId, ViewerServices services)
    {
        StartFeed start;
        try
        {
            start = CreateStart(context.Request, lastId);
            await ViewerRequest.VerifyAsync(context, sessionId, services.Keys);
        }
        catch (GatewayException failure) when (lastId.Length > 0 && ErrorTable.Get(failure.Reason).IsRetryable)
        {
            // A browser that comes back takes any other answer for the end.
            await AskToReturnAsync(context, ViewerAdmission.ShortPause);
            return;
        }
        catch (GatewayException failure)
        {
            await HttpFailure.WriteAsync(context, failure);
            return;
        }

        var transport = await EventStreamTransport.BeginAsync(context);
        await ViewerConnection.ServeAsync(sessionId, transport, EventStreamFormat.Instance, services.Workers.Next(), start, services);
    }

    private static string ReadLastId(HttpRequest request) =>
        request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } id ? id : request.Query["last_event_id"].ToString();

    private static StartFeed CreateStart(HttpRequest request, string lastId)
    {
        var start = new StartFeed
        {
            ViewerToken = ViewerRequest.ReadToken(request),
            ReaderId = request.Query["reader_id"].ToString(),
            WithoutAcknowledgements = true,
        };
        if (lastId.Length == 0)
        {
            start.Start = Starts.TryGetValue(request.Query["start"].ToString(), out var from)
                ? from
                : throw Invalid("start", $"A feed starts at {string.Join(", ", Starts.Keys.Skip(1))}.");
        }
        else
        {
            start.Position = EventStreamFormat.TryReadId(lastId, out var position)
                ? new Position { Epoch = position.Epoch, Sequence = position.Sequence }
                : throw Invalid("last_event_id", "The id of an event is its epoch and its sequence, such as 1-42.");
        }

        return start;
    }

    private static GatewayException Invalid(string field, string message) => new(ErrorReason.InvalidRequest, message) { Field = field };

    private static Task RefuseAsync(HttpContext context, AdmissionRefusal refusal) => refusal.RetryAfter is { } pause
        ? AskToReturnAsync(context, pause)
        : FeedEndpoint.RefuseAsync(context, refusal);

    // To a browser every other status says that it should not come again.
    private static Task AskToReturnAsync(HttpContext context, TimeSpan pause)
    {
        context.Response.ContentType = EventStreamFormat.Instance.Name;
        context.Response.Headers.CacheControl = "no-store";
        int spread = (int)(pause.TotalMilliseconds * (1 + Spread.From(0)));
        return context.Response.WriteAsync(
            string.Create(CultureInfo.InvariantCulture, $"retry: {spread}\n\n"), context.RequestAborted);
    }
}
