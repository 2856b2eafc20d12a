using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MotionGateway.Gateway;

/// <summary>LiveKit's access tokens: JSON Web Tokens of HS256 with a video grant.</summary>
internal static class LiveKitToken
{
    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);

    /// <summary>Makes a token for one room.</summary>
    /// <param name="credentials">The project.</param>
    /// <param name="room">The room.</param>
    /// <param name="identity">Who joins: a second one of the same identity puts the first one out of the room.</param>
    /// <param name="role">What it may do there.</param>
    /// <param name="issueTime">From when on it is good.</param>
    /// <param name="expireTime">Until when one can join by it. Who has joined stays.</param>
    /// <remarks>By hand, since the library that signs viewer tokens refuses secrets below 32 bytes, which LiveKit's development mode has.</remarks>
    public static string Create(
        LiveKitCredentials credentials, string room, string identity, RoomRole role, DateTimeOffset issueTime, DateTimeOffset expireTime)
    {
        var claims = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(claims))
        {
            json.WriteStartObject();
            json.WriteString("iss", credentials.ApiKey);
            json.WriteString("sub", identity);
            json.WriteNumber("nbf", issueTime.ToUnixTimeSeconds());
            json.WriteNumber("exp", expireTime.ToUnixTimeSeconds());
            WriteGrant(json, credentials, room, role);
            json.WriteEndObject();
        }

        string signed = $"{Header}.{Base64Url.EncodeToString(claims.WrittenSpan)}";
        byte[] signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(credentials.ApiSecret), Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    // What a grant leaves out LiveKit takes for allowed: each permission is written.
    private static void WriteGrant(Utf8JsonWriter json, LiveKitCredentials credentials, string room, RoomRole role)
    {
        bool maySend = role != RoomRole.Viewer;
        json.WriteStartObject("video");
        json.WriteBoolean("roomJoin", true);
        json.WriteString("room", room);
        json.WriteBoolean("canPublish", maySend);
        json.WriteBoolean("canPublishData", maySend);
        json.WriteBoolean("canSubscribe", role != RoomRole.Publisher || credentials.PublisherMaySubscribe);
        if (role == RoomRole.TalkingViewer)
        {
            json.WriteStartArray("canPublishSources");
            json.WriteStringValue("microphone");
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
