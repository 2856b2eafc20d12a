using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MotionGateway.MotionServer;

/// <summary>Fetches session tokens from the console, which answers in one of two dialects.</summary>
internal sealed class TokenFetcher(HttpMessageInvoker http, MotionServerOptions options, Endpoints endpoints, TimeProvider time)
{
    private static readonly string[] Keys = ["sessionToken", "session_token"];

    public async Task<SessionToken> FetchAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset expiresAt = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + options.TokenLifetime).ToUnixTimeSeconds());
        using HttpRequestMessage request = new(HttpMethod.Post, endpoints.Token);
        request.Headers.TryAddWithoutValidation("X-Api-Key", options.ApiKey);
        string body = string.Create(CultureInfo.InvariantCulture, $$"""{"expireAt":{{expiresAt.ToUnixTimeSeconds()}}}""");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Content.Headers.ContentType!.CharSet = null;

        using HttpResponseMessage response = await http.SendForHeadersAsync(request, cancellationToken).ConfigureAwait(false);
        HttpAnswer answer = await HttpAnswer.ReadAsync(response, time, cancellationToken).ConfigureAwait(false);
        SessionToken token = new(Read(answer), expiresAt);
        TokenTelemetry.RecordFetched();
        return token;
    }

    private string Read(HttpAnswer answer)
    {
        if (!answer.IsOk)
        {
            throw Failures.FromAnswer(MotionServerPhase.SessionToken, answer, options.ApiKey);
        }

        if (!answer.IsWhole)
        {
            throw Failures.NoToken(answer, $"it is longer than {HttpAnswer.MaxBodyBytes} bytes", options.ApiKey);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(answer.Body);
            string? token = FindToken(document.RootElement);
            if (ErrorBody.Read(document.RootElement).HasErrors)
            {
                throw Failures.FromAnswer(MotionServerPhase.SessionToken, answer, options.ApiKey, token);
            }

            return token is not null && CredentialText.IsHeaderSafe(token)
                ? token
                : throw Failures.NoToken(answer, token is null ? "no key of it is one" : "it has characters that no token has", options.ApiKey, token);
        }
        // A lone surrogate in a JSON string is found only when the string is taken out.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Failures.NoToken(answer, "it is not JSON", options.ApiKey);
        }
    }

    private static string? FindToken(JsonElement root)
    {
        foreach (string key in Keys)
        {
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty(key, out JsonElement value)
                && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } token)
            {
                return token;
            }
        }

        return null;
    }
}
