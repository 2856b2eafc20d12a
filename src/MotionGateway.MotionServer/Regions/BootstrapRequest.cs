using System.Buffers;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text.Json;

namespace MotionGateway.MotionServer;

/// <summary>Asks the service which region to use.</summary>
internal sealed class BootstrapRequest(HttpMessageInvoker http, MotionServerOptions options, TimeProvider time)
{
    private const string Platform = "dotnet";

    private static readonly string SdkVersion =
        typeof(BootstrapRequest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Sends the request and reads the answer.</summary>
    /// <exception cref="MotionServerException">The answer names no region.</exception>
    public async Task<string> SendAsync(CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, options.BootstrapUrl);
        request.Content = new ReadOnlyMemoryContent(Body());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await http.SendForHeadersAsync(request, cancellationToken).ConfigureAwait(false);
        HttpAnswer answer = await HttpAnswer.ReadAsync(response, time, cancellationToken).ConfigureAwait(false);
        return answer.IsOk && answer.IsWhole && Find(answer.Body) is string region
            ? region
            : throw Failures.NoRegion(answer);
    }

    private static string? Find(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("region", out JsonElement region) && region.ValueKind == JsonValueKind.Object
                && region.TryGetProperty("current", out JsonElement current) && current.ValueKind == JsonValueKind.String
                && current.GetString() is string name && RegionName.IsValid(name)
                    ? name
                    : null;
        }
        // A lone surrogate in a JSON string is found only when the string is taken out.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private ReadOnlyMemory<byte> Body()
    {
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter json = new(body);
        json.WriteStartObject();
        json.WriteString("app_id", options.AppId);
        json.WriteString("sdk_version", SdkVersion);
        json.WriteString("region", RegionName.Auto);
        json.WriteString("platform", Platform);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }
}
