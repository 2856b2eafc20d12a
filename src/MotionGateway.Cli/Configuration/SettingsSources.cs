using Microsoft.Extensions.Configuration;

namespace MotionGateway.Cli.Configuration;

/// <summary>Where settings come from; what is named later wins: appsettings.json, that of the environment, variables, the command line.</summary>
internal sealed class SettingsSources
{
    private const string Development = "Development";

    private readonly Dictionary<string, string?> _commandLine = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Directory of the JSON files. Default: the present one.</summary>
    public string Directory { get; init; } = Environment.CurrentDirectory;

    /// <summary>A file that must be there, instead of appsettings.json; null: none was named.</summary>
    public string? File { get; init; }

    /// <summary>Name of the environment. Default: DOTNET_ENVIRONMENT, else ASPNETCORE_ENVIRONMENT, else Production.</summary>
    public string EnvironmentName { get; init; } =
        Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is { Length: > 0 } dotnet ? dotnet
        : Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") is { Length: > 0 } aspnet ? aspnet
        : "Production";

    /// <summary>Whether a person develops here.</summary>
    public bool IsDevelopment => EnvironmentName.Equals(Development, StringComparison.OrdinalIgnoreCase);

    /// <summary>The files that settings are read from, whether they are there or not.</summary>
    public IReadOnlyList<string> Files => [.. Names.Select(name => Path.GetFullPath(name, Directory))];

    private string[] Names => File is not null ? [File] : ["appsettings.json", $"appsettings.{EnvironmentName}.json"];

    /// <summary>Takes a setting from a dedicated option; null: the option was not given.</summary>
    public void Set(string path, string? value)
    {
        if (value is not null)
        {
            _commandLine[path] = value;
        }
    }

    /// <summary>Takes settings of the form <c>Gateway:Limits:MaxTurn=5m</c>.</summary>
    /// <exception cref="CommandException">One is of another form. It is not repeated: it may be a secret.</exception>
    public void SetAll(IEnumerable<string> assignments)
    {
        int number = 0;
        foreach (string assignment in assignments)
        {
            number++;
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new CommandException(
                    $"Number {number} of --set is not of the form NAME=VALUE, such as Gateway:MaxSessions=10.", ExitCode.Usage);
            }

            _commandLine[assignment[..equals].Trim()] = assignment[(equals + 1)..];
        }
    }

    /// <summary>Reads all sources.</summary>
    /// <returns>Settings with paths such as <c>Gateway:Urls</c>.</returns>
    /// <exception cref="CommandException">A file cannot be read.</exception>
    public Settings Read()
    {
        var problems = new List<string>();
        var layers = ReadFiles(problems);
        layers.Add(new SettingsLayer(SettingsVariables.NameOf, new ConfigurationBuilder().AddEnvironmentVariables(SettingsVariables.Prefix).Build()));
        layers.Add(new SettingsLayer(_ => "command line", new ConfigurationBuilder().AddInMemoryCollection(_commandLine).Build()));
        problems.AddRange(SettingsVariables.FindProblems());
        return new Settings(layers, problems);
    }

    private List<SettingsLayer> ReadFiles(List<string> problems)
    {
        var layers = new List<SettingsLayer>();
        foreach (string name in Names)
        {
            string path = Path.GetFullPath(name, Directory);
            if (File is not null || System.IO.File.Exists(path))
            {
                layers.Add(new SettingsLayer(_ => name, new SettingsFile(path, isShared: File is null).Read(problems)));
            }
        }

        return layers;
    }
}
