using System.Text.Json;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>A line of a service's JSON log.</summary>
internal sealed record LoggedLine(JsonElement Json)
{
    public string Event => Text("event");

    public string Category => Text("category");

    public string SessionId => Text("session_id");

    /// <summary>All that a service has logged; its other output is no JSON.</summary>
    public static IReadOnlyList<LoggedLine> Read(ChildProcess service) =>
        [.. service.Lines.Where(line => line.StartsWith('{')).Select(line => new LoggedLine(JsonDocument.Parse(line).RootElement))];

    /// <summary>A field as text; empty where it is not there.</summary>
    public string Text(string field) => Json.TryGetProperty(field, out var value) ? value.ToString() : "";

    /// <summary>A field that is a number.</summary>
    public long Number(string field) => Json.GetProperty(field).GetInt64();

    public override string ToString() => Json.ToString();
}
