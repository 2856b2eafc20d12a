using System.Text.Json;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Turns answers over HTTP into entries of the cassette.</summary>
internal sealed class AnswerRecorder(SecretMask secrets, TimeProvider time)
{
    // A longer one is kept as it is: clients may not take it.
    private const int MaxUsualAnswer = 64 * 1024;

    /// <summary>The answer to a token request; a token in it is learned. Of a success that is not understood only the length is kept.</summary>
    public CassetteEntry Token(double ms, byte[] request, HttpResponseMessage response, byte[] body)
    {
        var entry = new CassetteEntry { Ms = ms, Kind = CassetteKind.Token, Status = (int)response.StatusCode };
        if (!response.IsSuccessStatusCode)
        {
            return Refusal(entry, response, body);
        }

        (string? field, bool failed, bool understood) = FindToken(body);
        return field is not null && !failed && body.Length <= MaxUsualAnswer ? entry with { TokenField = field, TokenLifetimeMs = LifetimeIn(request) }
            : understood ? Refusal(entry, response, body)
            : Refusal(entry, response, body) with { Data = null, OmittedBytes = body.Length };
    }

    /// <summary>Adds an answer with its body and those of its headers that clients act on.</summary>
    public CassetteEntry Refusal(CassetteEntry entry, HttpResponseMessage response, byte[] body) => entry with
    {
        ContentType = response.Content.Headers.ContentType?.ToString(),
        RetryAfter = response.Headers.RetryAfter?.ToString(),
        Location = response.Headers.Location is { } location ? secrets.Mask(location.OriginalString) : null,
        Data = response.Content.Headers.ContentEncoding.Count == 0 ? secrets.MaskText(body) : null,
    };

    /// <summary>Which key of an answer holds the token, whether it also holds errors, and whether it holds nothing beside these.</summary>
    private (string? Field, bool Failed, bool Understood) FindToken(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            string? found = null;
            bool failed = false;
            bool understood = document.RootElement.ValueKind == JsonValueKind.Object;
            foreach (JsonProperty member in understood ? document.RootElement.EnumerateObject() : default)
            {
                switch (member)
                {
                    case { Name: "sessionToken" or "session_token", Value.ValueKind: JsonValueKind.String }:
                        secrets.Learn(member.Value.GetString());
                        found ??= member.Name;
                        break;
                    case { Name: "errors", Value.ValueKind: JsonValueKind.Array }:
                        failed |= member.Value.GetArrayLength() > 0;
                        break;
                    default:
                        understood = false;
                        break;
                }
            }

            return (found, failed, understood);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // Not JSON, or a string that is no text: what it holds cannot be known.
            return (null, true, false);
        }
    }

    private double? LifetimeIn(byte[] request)
    {
        try
        {
            long? expireAt = JsonSerializer.Deserialize(request, ApiJson.Default.TokenRequest)?.Expiry;
            return expireAt is null ? null : Math.Round((DateTimeOffset.FromUnixTimeSeconds(expireAt.Value) - time.GetUtcNow()).TotalMilliseconds);
        }
        catch (Exception failure) when (failure is JsonException or ArgumentOutOfRangeException)
        {
            // The server judges it.
            return null;
        }
    }
}
