using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>Looks at LiveKit's access tokens as a LiveKit server does: JSON Web Tokens signed by HS256, with a grant to join a room.</summary>
internal sealed class LiveKitTokenCheck(LocalMotionServerOptions options)
{
    /// <summary>What is wrong with a token, without a word of it; null when it opens the room.</summary>
    public string? FindProblem(string token, string room)
    {
        string[] parts = token.Split('.');
        if (parts.Length != 3 || Parse(parts[0]) is not { } header || Parse(parts[1]) is not { } claims || Decode(parts[2]) is not { } signature)
        {
            return "the token is no JSON Web Token";
        }

        if (Text(header, "alg") != "HS256")
        {
            return "the token is not signed by HS256";
        }

        if (options.LiveKitApiSecret is { } secret && !IsSignedBy(secret, $"{parts[0]}.{parts[1]}", signature))
        {
            return "the token's signature is another secret's";
        }

        long now = options.TimeProvider.GetUtcNow().ToUnixTimeSeconds();
        return Time(claims, "exp") is not { } expiry ? "the token has no time of expiry"
            : expiry <= now ? "the token has expired"
            : Time(claims, "nbf") > now ? "the token is not in force yet"
            : !MayJoin(claims, room) ? "the token has no video grant to join the room"
            : null;
    }

    private static bool MayJoin(JsonElement claims, string room) =>
        claims.TryGetProperty("video", out JsonElement video) && video.ValueKind == JsonValueKind.Object
        && video.TryGetProperty("roomJoin", out JsonElement join) && join.ValueKind == JsonValueKind.True
        && Text(video, "room") == room;

    private static bool IsSignedBy(string secret, string signed, byte[] signature) =>
        CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed)), signature);

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Time(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static JsonElement? Parse(string part)
    {
        try
        {
            return Decode(part) is { } json && JsonSerializer.Deserialize(json, EgressJson.Default.JsonElement) is { ValueKind: JsonValueKind.Object } parsed ? parsed : null;
        }
        catch (JsonException)
        {
            // Not JSON: no token, whatever else it is.
            return null;
        }
    }

    private static byte[]? Decode(string part)
    {
        try
        {
            return part.Length > 0 ? Base64Url.DecodeFromChars(part) : null;
        }
        catch (FormatException)
        {
            // Not base64: no token.
            return null;
        }
    }
}
