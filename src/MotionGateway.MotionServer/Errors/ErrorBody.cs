using System.Globalization;
using System.Text.Json;

namespace MotionGateway.MotionServer;

/// <summary>What an HTTP body says about an error: the first entry of its <c>errors</c>, its <c>message</c>, or nothing.</summary>
internal readonly record struct ErrorBody(bool HasErrors, string? Code, string? Title, string? Detail, int? Status)
{
    /// <summary>Reads a body in whatever form it comes; one that is not JSON says nothing.</summary>
    public static ErrorBody Read(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return Read(document.RootElement);
        }
        // A lone surrogate in a JSON string is found only when the string is taken out.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>Reads a JSON body.</summary>
    public static ErrorBody Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return default;
        }

        if (root.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0)
        {
            JsonElement first = errors[0];
            return first.ValueKind == JsonValueKind.Object
                ? new ErrorBody(true, Text(first, "code"), Text(first, "title"), Text(first, "detail"), StatusOf(Text(first, "status")))
                : new ErrorBody(true, null, null, first.ToString(), null);
        }

        return new ErrorBody(false, null, null, Text(root, "message"), null);
    }

    private static int? StatusOf(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int status) ? status : null;

    // Deployments differ in whether codes and statuses are numbers or strings.
    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? value.ToString()
            : null;
}
