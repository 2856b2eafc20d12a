using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MotionGateway.EdgeRelay;

/// <summary>JSON messages of published feeds.</summary>
internal static class PublishedJson
{
    // The messages are no part of a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an object.</summary>
    /// <typeparam name="T">What it is written from.</typeparam>
    /// <param name="content">What it is written from.</param>
    /// <param name="write">Writes the properties.</param>
    public static byte[] Write<T>(T content, Action<Utf8JsonWriter, T> write)
        where T : allows ref struct
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json, content);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes an object that has a type, and perhaps one text.</summary>
    public static byte[] Write(string type, string? name = null, string? text = null) => Write((type, name, text), static (json, content) =>
    {
        json.WriteString("type", content.type);
        if (content.name is not null)
        {
            json.WriteString(content.name, content.text);
        }
    });

    /// <summary>Reads an object; null when the message is none.</summary>
    public static JsonElement? Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Bytes in base64; null where there are none.</summary>
    public static byte[]? GetBytes(JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                && value.TryGetBytesFromBase64(out byte[]? bytes) ? bytes : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A text of an object; empty when it has none of that name.</summary>
    public static string GetText(JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair is no text.
            return "";
        }
    }
}
