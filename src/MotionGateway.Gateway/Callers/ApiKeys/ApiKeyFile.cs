using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MotionGateway.Gateway;

/// <summary>The file of API keys: a line of JSON for each.</summary>
public static class ApiKeyFile
{
    private const int MaxBytes = 16 * 1024 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="InvalidDataException">It holds something else; the message names the line.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IReadOnlyList<ApiKeyEntry> Read(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
        {
            throw new InvalidDataException($"'{path}' has more than {MaxBytes} bytes");
        }

        var entries = new Dictionary<string, ApiKeyEntry>(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                var entry = Parse(line, $"'{path}' line {number}");
                if (!entries.TryAdd(entry.Id, entry))
                {
                    throw new InvalidDataException($"'{path}' line {number}: there is a key '{entry.Id}' above");
                }
            }
        }

        return [.. entries.Values];
    }

    /// <summary>Adds a key to a file, which is made when it is not there.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="entry">The key.</param>
    /// <exception cref="InvalidDataException">The key cannot be, the file has one of this name, or holds something else.</exception>
    /// <exception cref="IOException">It cannot be written, or somebody else changes it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Add(string path, ApiKeyEntry entry) => Change(path, entries =>
        entry.FindProblem() is { } problem ? throw new InvalidDataException(problem)
        : entries.Any(known => known.Id == entry.Id)
            ? throw new InvalidDataException($"'{path}' has a key '{entry.Id}' already: revoke it first, or take another name")
        : entries.Append(entry));

    /// <summary>Takes a key out of a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="id">The key's name.</param>
    /// <exception cref="InvalidDataException">The file has no key of this name, or holds something else.</exception>
    /// <exception cref="IOException">It cannot be written, or somebody else changes it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Remove(string path, string id) => Change(path, entries =>
        entries.Any(known => known.Id == id)
            ? entries.Where(known => known.Id != id)
            : throw new InvalidDataException($"'{path}' has no key '{id}'"));

    // Whoever reads it meanwhile sees all of the old one or all of the new one; whoever changes it meanwhile fails.
    private static void Change(string path, Func<IReadOnlyList<ApiKeyEntry>, IEnumerable<ApiKeyEntry>> change)
    {
        string target = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        using var turn = new FileStream($"{target}.lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        var text = new StringBuilder();
        foreach (var entry in change(File.Exists(target) ? Read(target) : []))
        {
            text.Append(JsonSerializer.Serialize(entry, Json)).Append('\n');
        }

        string draft = $"{target}.new";
        File.WriteAllText(draft, text.ToString());
        if (File.Exists(target) && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(draft, File.GetUnixFileMode(target));
        }

        File.Move(draft, target, overwrite: true);
    }

    private static ApiKeyEntry Parse(string line, string place)
    {
        try
        {
            var entry = JsonSerializer.Deserialize<ApiKeyEntry>(line, Json) ?? throw new InvalidDataException($"{place}: holds null");
            return entry.FindProblem() is { } problem ? throw new InvalidDataException($"{place}: {problem}") : entry;
        }
        catch (JsonException)
        {
            // Its own message can repeat the line.
            throw new InvalidDataException($"{place}: is no API key; a line is made by 'motiongateway keys create'");
        }
    }
}
