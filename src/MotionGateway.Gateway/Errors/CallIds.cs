using System.Collections;
using Google.Protobuf;
using Grpc.Core;
using MotionGateway.Feeds;

namespace MotionGateway.Gateway;

/// <summary>
/// What a call is about, as far as it is known by now: told with whatever goes wrong, and the scope of all that is logged within the
/// call. Set by the call's own code.
/// </summary>
internal sealed class CallIds(HttpContext context) : IEnumerable<KeyValuePair<string, object?>>
{
    // What a caller makes up comes back in a trailer, which has no room for more.
    private const int MaxLength = 128;

    /// <summary>The session that the call names.</summary>
    public string? SessionId { get; set; }

    /// <summary>The turn that the call, or its latest request, names.</summary>
    public string? TurnId { get; set; }

    /// <summary>The viewer whose token the call has shown.</summary>
    public string? ViewerId { get; set; }

    /// <summary>The reader's own name.</summary>
    public string? ReaderId { get; set; }

    /// <summary>The session, once it has been found.</summary>
    public Sessions.Session? Session { get; set; }

    /// <summary>The ids of a call.</summary>
    public static CallIds Of(ServerCallContext context) => Of(context.GetHttpContext());

    /// <summary>The ids of a call.</summary>
    public static CallIds Of(HttpContext context)
    {
        if (context.Features.Get<CallIds>() is { } known)
        {
            return known;
        }

        var ids = new CallIds(context);
        context.Features.Set(ids);
        return ids;
    }

    /// <summary>Takes the ids that a request names in fields of their own.</summary>
    public void Read(IMessage request)
    {
        SessionId = Find(request, "session_id");
        TurnId = Find(request, "turn_id");
    }

    /// <summary>The ids that are known now.</summary>
    public FailureIds ToFailureIds() => new()
    {
        SessionId = Bound(Session?.Id ?? SessionId),
        TurnId = Bound(TurnId),
        ConnectionId = Bound(Session?.Snapshot().ConnectionId),
    };

    /// <summary>What the lines of the call are about.</summary>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return new("CallId", context.TraceIdentifier);
        yield return new("CallerId", context.Features.Get<CallerFeature>()?.Caller.Id);
        yield return new("SessionId", Bound(Session?.Id ?? SessionId));
        yield return new("TurnId", Bound(TurnId));
        yield return new("ViewerId", ViewerId);
        yield return new("ReaderId", ReaderId);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string? Find(IMessage request, string field) =>
        request.Descriptor.FindFieldByName(field)?.Accessor.GetValue(request) as string;

    private static string? Bound(string? id) => id is { Length: > 0 and <= MaxLength } ? id : null;
}
