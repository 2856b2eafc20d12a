using System.Text;
using System.Text.Json;
using MotionGateway.LocalMotion.Cassettes;

namespace MotionGateway.LocalMotion.Tests.Cassettes;

/// <summary>A path for a cassette in a directory of its own, deleted at the end.</summary>
internal sealed class TemporaryCassette : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cassette-");

    public string Path => System.IO.Path.Combine(_directory.FullName, "session.jsonl");

    public string Text => File.ReadAllText(Path);

    public IReadOnlyList<JsonElement> Entries => [.. File.ReadAllLines(Path).Skip(1).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    /// <summary>All that anybody could read in the file: its text, and the text of what is in base64.</summary>
    public string Readable => Text + string.Concat(Entries.Select(Data).Select(Encoding.Latin1.GetString));

    public static byte[] Data(JsonElement entry) => entry.TryGetProperty("data", out JsonElement data) ? data.GetBytesFromBase64() : [];

    public IReadOnlyList<string> KindsOf(string from) =>
        [.. Entries.Where(entry => entry.TryGetProperty("from", out JsonElement side) && side.GetString() == from).Select(entry => entry.GetProperty("kind").GetString()!)];

    public void Write(params string[] lines) => File.WriteAllText(Path, string.Join('\n', lines) + "\n");

    /// <summary>A proxy that records what passes to and from a server.</summary>
    public Task<LocalMotionServer> RecordAsync(LocalMotionServer upstream) => LocalMotionServer.StartAsync(new LocalMotionServerOptions
    {
        Record = new RecordingOptions { File = Path, ConsoleUrl = upstream.ConsoleUrl, IngressUrl = upstream.IngressUrl },
    });

    public Task<LocalMotionServer> ReplayAsync() => LocalMotionServer.StartAsync(new LocalMotionServerOptions { Replay = Path });

    public void Dispose() => _directory.Delete(recursive: true);
}
