using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MotionGateway.Testing;

/// <summary>Access tokens of LiveKit, for rooms that do not exist.</summary>
public static class LiveKitTokens
{
    /// <summary>Makes a token.</summary>
    /// <param name="room">The room that it opens; null for a token without a grant.</param>
    /// <param name="expiry">Unix seconds; null for the year 2100.</param>
    /// <param name="notBefore">Unix seconds; null for a token that is in force at once.</param>
    /// <param name="secret">What it is signed with.</param>
    /// <param name="algorithm">What its header says.</param>
    public static string Make(string? room, long? expiry = null, long? notBefore = null, string secret = "livekit-secret", string algorithm = "HS256")
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = "livekit-key",
            ["sub"] = "avatar-1",
            ["exp"] = expiry ?? new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(),
        };
        if (notBefore is { } start)
        {
            claims["nbf"] = start;
        }

        if (room is not null)
        {
            claims["video"] = new { room, roomJoin = true, canPublish = true };
        }

        string signed = $"{Part(new { alg = algorithm, typ = "JWT" })}.{Part(claims)}";
        byte[] signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
