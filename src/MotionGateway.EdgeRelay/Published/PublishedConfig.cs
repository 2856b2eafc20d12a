using System.Text.Json;

namespace MotionGateway.EdgeRelay;

/// <summary>The configuration that demo clients ask for, and are told once more when they connect.</summary>
internal static class PublishedConfig
{
    // The page wants one before it lets its user begin.
    private const string KeyInPlaceOfAKey = "held-by-the-gateway";

    private static readonly string[] Unused = ["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"];

    /// <summary>The whole answer.</summary>
    public static byte[] Write(PublishedSession session) => PublishedJson.Write(session, WriteProperties);

    /// <summary>The properties of the configuration.</summary>
    public static void WriteProperties(Utf8JsonWriter json, PublishedSession session)
    {
        json.WriteString("appId", session.AppId);
        json.WriteString("avatarId", session.AvatarId);
        json.WriteString("region", session.Region);
        json.WriteNumber("outputSampleRate", IPublishedKind.SampleRate);
        json.WriteNumber("inputSampleRate", IPublishedKind.SampleRate);
        WriteMissing(json);
        WriteClips(json, session.Clips);
        json.WriteString("SPATIUS_APP_ID", session.AppId);
        json.WriteString("SPATIUS_API_KEY", KeyInPlaceOfAKey);
        json.WriteString("SPATIUS_AVATAR_ID", session.AvatarId);
        json.WriteString("SPATIUS_REGION", session.Region);
        foreach (string name in Unused)
        {
            json.WriteString(name, "");
        }
    }

    /// <summary>Nothing is missing on the client's side, in none of its scenes.</summary>
    public static void WriteMissing(Utf8JsonWriter json)
    {
        json.WriteStartObject("missing");
        json.WriteStartArray("sample");
        json.WriteEndArray();
        json.WriteStartArray("realtime");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteClips(Utf8JsonWriter json, IReadOnlyList<string> clips)
    {
        json.WriteStartArray("clips");
        foreach (string clip in clips)
        {
            json.WriteStartObject();
            json.WriteString("name", clip);
            json.WriteString("clip", clip);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("clipsHint", clips.Count > 0 ? "" : "This session is spoken by its agent.");
    }
}
