using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace MotionGateway.LocalMotion.Tokens;

/// <summary>One entry of the service's <c>errors</c> array; <c>status</c> is a number there.</summary>
internal sealed record ApiError(string Id, int Status, string Code, string Title, string Detail)
{
    /// <summary>Answers with the array that the service puts into a failed answer.</summary>
    public static Task WriteAsync(HttpContext context, int status, string code, string detail)
    {
        var error = new ApiError(Guid.NewGuid().ToString("n"), status, code, ReasonPhrases.GetReasonPhrase(status), detail);
        return WriteJsonAsync(context, status, new ApiErrorBody([error]), ApiJson.Default.ApiErrorBody);
    }

    public static async Task WriteJsonAsync<T>(HttpContext context, int status, T body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, type), context.RequestAborted);
    }
}

internal sealed record ApiErrorBody(IReadOnlyList<ApiError> Errors);

/// <summary>What asks for a token; published clients write either name.</summary>
internal sealed record TokenRequest(long? ExpireAt, [property: JsonPropertyName("expire_at")] long? OtherExpireAt)
{
    [JsonIgnore]
    public long? Expiry => ExpireAt ?? OtherExpireAt;
}

internal sealed record TokenAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SessionToken,
    [property: JsonPropertyName("session_token"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NewerSessionToken);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ApiErrorBody))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class ApiJson : JsonSerializerContext;
