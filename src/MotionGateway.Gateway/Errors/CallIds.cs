using Google.Protobuf;
using Grpc.Core;
using MotionGateway.Feeds;

namespace MotionGateway.Gateway;

/// <summary>What a call is about, as far as it is known by now: told with whatever goes wrong. Set by the call's own code.</summary>
internal sealed class CallIds
{
    // What a caller makes up comes back in a trailer, which has no room for more.
    private const int MaxLength = 128;

    /// <summary>The session that the call names.</summary>
    public string? SessionId { get; set; }

    /// <summary>The turn that the call, or its latest request, names.</summary>
    public string? TurnId { get; set; }

    /// <summary>The session, once it has been found.</summary>
    public Sessions.Session? Session { get; set; }

    /// <summary>The ids of a call.</summary>
    public static CallIds Of(ServerCallContext context)
    {
        if (context.UserState.TryGetValue(typeof(CallIds), out object? known))
        {
            return (CallIds)known;
        }

        var ids = new CallIds();
        context.UserState[typeof(CallIds)] = ids;
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

    private static string? Find(IMessage request, string field) =>
        request.Descriptor.FindFieldByName(field)?.Accessor.GetValue(request) as string;

    private static string? Bound(string? id) => id is { Length: > 0 and <= MaxLength } ? id : null;
}
