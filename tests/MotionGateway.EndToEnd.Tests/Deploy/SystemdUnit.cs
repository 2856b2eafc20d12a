namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>A unit file of systemd.</summary>
internal sealed class SystemdUnit
{
    private readonly Dictionary<string, string> _settings;

    private SystemdUnit(Dictionary<string, string> settings) => _settings = settings;

    /// <summary>Reads a file; of a setting that stands there several times the last counts.</summary>
    public static SystemdUnit Read(string path)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string[] parts in File.ReadLines(path).Where(line => !line.StartsWith('#')).Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2))
        {
            settings[parts[0]] = parts[1];
        }

        return new SystemdUnit(settings);
    }

    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string> Command => _settings["ExecStart"].Split(' ');

    /// <summary>The file of its environment; null when it has none.</summary>
    public string? EnvironmentFile => _settings.GetValueOrDefault("EnvironmentFile");

    /// <summary>How long it may take to stop.</summary>
    public TimeSpan StopLimit => TimeSpan.FromSeconds(int.Parse(_settings["TimeoutStopSec"], System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Exit codes after which it is not started again.</summary>
    public string RestartPreventExitStatus => _settings["RestartPreventExitStatus"];
}
