using System.Globalization;
using System.Net.Http.Headers;
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
        request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));

        using HttpResponseMessage response = await http.SendForHeadersAsync(request, cancellationToken).ConfigureAwait(false);
        HttpAnswer answer = await HttpAnswer.ReadAsync(response, time, cancellationToken).ConfigureAwait(false);
        string token = Read(answer);
        MotionServerTelemetry.RecordTokenFetched();
        return new SessionToken(token, expiresAt);
    }

    private string Read(HttpAnswer answer)
    {
        if (!answer.IsOk)
        {
            throw Failures.FromAnswer(MotionServerPhase.SessionToken, answer, options.Secrets);
        }

        if (!answer.IsWhole)
        {
            throw Failures.NoToken(answer, $"it is longer than {HttpAnswer.MaxBodyBytes} bytes", options.Secrets);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(answer.Body);
            string? token = Keys.Select(key => Find(document.RootElement, key)).FirstOrDefault(found => found is not null);
            Secrets secrets = options.Secrets.With(token);
            return ErrorBody.Read(document.RootElement).HasErrors ? throw Failures.FromAnswer(MotionServerPhase.SessionToken, answer, secrets)
                : token is null ? throw Failures.NoToken(answer, "no key of it is one", secrets)
                : Secrets.IsHeaderSafe(token) ? token
                : throw Failures.NoToken(answer, "it has characters that no token has", secrets);
        }
        // A lone surrogate in a JSON string is found only when the string is taken out.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Failures.NoToken(answer, "it is not JSON", options.Secrets);
        }
    }

    private static string? Find(JsonElement root, string key) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(key, out JsonElement value)
            && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } token ? token : null;
}
