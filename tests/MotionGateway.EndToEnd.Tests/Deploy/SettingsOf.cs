using System.Globalization;
using System.Text.Json;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>A settings file of deploy/, as text: some of its settings may be newer than what is asked here.</summary>
internal sealed class SettingsOf
{
    private readonly JsonElement _service;

    private SettingsOf(JsonElement service) => _service = service;

    /// <summary>Reads the settings of a service.</summary>
    /// <param name="service"><c>Gateway</c> or <c>Relay</c>.</param>
    /// <param name="path">The path below deploy/.</param>
    public static SettingsOf Read(string service, params string[] path)
    {
        using var file = JsonDocument.Parse(
            File.ReadAllText(RepositoryRoot.PathTo(["deploy", .. path])), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        return new SettingsOf(file.RootElement.GetProperty("MotionGateway").GetProperty(service).Clone());
    }

    /// <summary>Ports that it listens on, metrics included.</summary>
    public IEnumerable<int> Ports => Text("Urls").Split(';').Append(Text("MetricsUrl")).Select(url => new UriBuilder(url.Replace('*', 'h')).Port);

    /// <summary>How long it may go on when it is to stop.</summary>
    public TimeSpan ShutdownGrace => TimeSpan.FromSeconds(double.Parse(Text("ShutdownGrace").TrimEnd('s'), CultureInfo.InvariantCulture));

    /// <summary>A setting's text.</summary>
    public string Text(string name) => _service.GetProperty(name).GetString()!;

    /// <summary>Every path of the system that a setting names.</summary>
    public IEnumerable<string> Paths => Strings(_service).Where(text => text.StartsWith('/'));

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Strings(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };
}
