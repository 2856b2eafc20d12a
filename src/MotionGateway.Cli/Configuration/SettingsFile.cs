using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace MotionGateway.Cli.Configuration;

/// <summary>A JSON file of settings; comments and trailing commas are allowed in it.</summary>
/// <param name="path">The file.</param>
/// <param name="isShared">Another application may have sections of its own in it, whose names are no concern.</param>
internal sealed class SettingsFile(string path, bool isShared)
{
    /// <summary>Name of the section that holds all settings.</summary>
    public const string Section = "MotionGateway";

    /// <summary>Reads the settings.</summary>
    /// <param name="problems">Takes the sections that were meant for us and are not read.</param>
    /// <exception cref="CommandException">It cannot be read, or is no JSON; names the line.</exception>
    public IConfiguration Read(ICollection<string> problems)
    {
        var root = Parse();
        foreach (var section in root.GetChildren().Where(section => !section.Key.Equals(Section, StringComparison.OrdinalIgnoreCase)))
        {
            if (FindProblem(section.Key) is { } problem)
            {
                problems.Add(problem);
            }
        }

        return root.GetSection(Section);
    }

    private string? FindProblem(string name)
    {
        string? service = NearestName.Find(name, ServiceSettings.Sections);
        string? meant = service is not null ? $"{Section}:{service}" : NearestName.Find(name, [Section]);
        if (meant is null)
        {
            return isShared ? null : $"{path}: {name} is not read: all settings stand below {Section}.";
        }

        return $"{path}: {name} is not read: did you mean {meant}?";
    }

    private IConfiguration Parse()
    {
        try
        {
            using var stream = File.OpenRead(path);
            return new ConfigurationBuilder().AddJsonStream(stream).Build();
        }
        catch (JsonException broken)
        {
            // The parser's own text may quote the file, which can hold secrets.
            throw new CommandException(
                $"{path}:{broken.LineNumber + 1}:{broken.BytePositionInLine + 1}: this is no JSON. A comma, a quotation mark or a bracket "
                + "is missing or too many here or just before.", ExitCode.Usage);
        }
        catch (Exception failure) when (failure is FormatException or InvalidDataException)
        {
            throw new CommandException($"{path}: {failure.Message}", ExitCode.Usage);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"There is no file {path}: name one that is there with --config.", ExitCode.Usage);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The file {path} cannot be read: {failure.Message}", ExitCode.Usage);
        }
    }
}
