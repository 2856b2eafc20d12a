using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>The room that an <c>OpenSession</c> asks for, with every default filled in, and the credentials that open it.</summary>
internal static class RoomRequest
{
    private const string DefaultPublisher = "avatar";
    private const int MaxRoomBytes = 128;
    private const int MaxChannelBytes = 64;
    private const int MaxAttributes = 16;
    private const int MaxAttributeBytes = 256;
    private const int MaxIdleSeconds = 86_400;
    private const string ChannelSymbols = " !#$%&()+-:;<=.>?@[]^_{}|~,";

    /// <summary>The room; null where none is asked for.</summary>
    /// <exception cref="GatewayException">A field makes no sense, or there are no such credentials.</exception>
    public static RoomEgress? ToEgress(Egress? asked, AppOptions app, TimeSpan publisherTokenLifetime, TimeProvider timeProvider)
    {
        if (asked is null)
        {
            return null;
        }

        var room = asked.Clone();
        room.Fallback = Requests.ValidateEnum("open.egress.fallback", room.Fallback) == EgressFallback.Unspecified ? EgressFallback.None : room.Fallback;
        return room.RoomCase switch
        {
            Egress.RoomOneofCase.Livekit => ToLiveKit(room, app, publisherTokenLifetime, timeProvider),
            Egress.RoomOneofCase.Agora => ToAgora(room, app, publisherTokenLifetime, timeProvider),
            _ => throw Requests.Invalid("open.egress.room", "A room is required: set livekit or agora."),
        };
    }

    private static LiveKitRoomEgress ToLiveKit(Egress room, AppOptions app, TimeSpan publisherTokenLifetime, TimeProvider timeProvider)
    {
        var livekit = room.Livekit;
        Require("open.egress.livekit.room", livekit.Room, MaxRoomBytes);
        Requests.ValidateText("open.egress.livekit.publisher", livekit.Publisher, Requests.MaxNameBytes);
        if (livekit.IdleTimeoutSeconds is < 0 or > MaxIdleSeconds)
        {
            throw Requests.Invalid("open.egress.livekit.idle_timeout_seconds", $"It is 0 to {MaxIdleSeconds} seconds; 0 leaves it to the service.");
        }

        if (livekit.Attributes.Count > MaxAttributes)
        {
            throw Requests.Invalid("open.egress.livekit.attributes", $"At most {MaxAttributes} attributes are taken.");
        }

        foreach (var (key, value) in livekit.Attributes)
        {
            Requests.ValidateText("open.egress.livekit.attributes", key, Requests.MaxKindBytes);
            Requests.ValidateText("open.egress.livekit.attributes", value, MaxAttributeBytes);
        }

        // Their values may be secrets: they are told to the Motion Server, and to nobody who looks at the session.
        var attributes = livekit.Attributes.ToDictionary();
        livekit.Attributes.Clear();
        livekit.Publisher = livekit.Publisher.Length > 0 ? livekit.Publisher : DefaultPublisher;
        (livekit.Credentials, var credentials) = Find("livekit", livekit.Credentials, app.LiveKit);
        return new LiveKitRoomEgress(room, credentials, attributes, publisherTokenLifetime, timeProvider);
    }

    private static AgoraChannelEgress ToAgora(Egress room, AppOptions app, TimeSpan publisherTokenLifetime, TimeProvider timeProvider)
    {
        var agora = room.Agora;
        Require("open.egress.agora.channel", agora.Channel, MaxChannelBytes);
        if (!agora.Channel.All(c => char.IsAsciiLetterOrDigit(c) || ChannelSymbols.Contains(c)))
        {
            throw Requests.Invalid("open.egress.agora.channel", $"Agora takes letters, digits and these: {ChannelSymbols}");
        }

        agora.Uid = agora.Uid > 0 ? agora.Uid : AgoraChannelEgress.CreateUid();
        (agora.Credentials, var credentials) = Find("agora", agora.Credentials, app.Agora);
        return new AgoraChannelEgress(room, credentials, publisherTokenLifetime, timeProvider);
    }

    private static void Require(string field, string text, int maxBytes)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw Requests.Invalid(field, "It is required.");
        }

        Requests.ValidateText(field, text, maxBytes);
    }

    // What is configured is not told to callers, beyond whether it is there.
    private static (string Name, T Credentials) Find<T>(string kind, string name, IDictionary<string, T> known)
    {
        if (name.Length == 0 && known.Count == 1)
        {
            return (known.Keys.First(), known.Values.First());
        }

        return known.TryGetValue(name, out var credentials) ? (name, credentials) : throw Requests.Invalid(
            $"open.egress.{kind}.credentials",
            known.Count == 0 ? "The app has no credentials for such rooms: its operator sets them."
            : name.Length == 0 ? "The app has several: name one."
            : "The app has none of that name.");
    }
}
