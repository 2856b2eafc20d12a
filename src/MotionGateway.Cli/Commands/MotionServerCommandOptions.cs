using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using MotionGateway.Cli.Configuration;
using MotionGateway.LocalMotion;

namespace MotionGateway.Cli.Commands;

/// <summary>The options of <c>motion-server</c>, and the settings that they stand for.</summary>
internal sealed class MotionServerCommandOptions
{
    private readonly Option<bool> _realTime = new("--realtime") { Description = "Make motion at the speed of the speech instead of as fast as possible." };

    private readonly Option<int?> _firstSegment = new("--first-segment-ms")
    {
        Description = "Media time of a turn's first motion, a multiple of 40. [default: 2000]",
        HelpName = "MS",
    };

    private readonly Option<int?> _nextSegments = new("--next-segments-ms")
    {
        Description = "Media time of each further motion, a multiple of 40. [default: 4000]",
        HelpName = "MS",
    };

    private readonly Option<string?> _config = CommonOptions.Config();
    private readonly Option<string[]> _set = CommonOptions.Set("MotionServer:MaxConnections=8");

    // Each text option, by the name of the setting that it stands for.
    private readonly (string Setting, Option<string?> Option)[] _texts =
    [
        ("Urls", CommonOptions.Urls(ServiceSettings.LocalMotionServerUrl)),
        ("AppId", CommonOptions.Setting("--app-id", "ID", $"The one app that it knows. [default: {LocalMotionServerOptions.DefaultAppId}]")),
        ("ApiKey", CommonOptions.Setting("--api-key", "KEY", $"The app's API key. [default: {LocalMotionServerOptions.DefaultApiKey}]")),
        ("Record:File", CommonOptions.Setting("--record", "FILE", "Pass everything on to another Motion Server and record it in a new cassette.")),
        ("Record:ConsoleUrl", CommonOptions.Setting("--upstream-console", "URL", "With --record: the other server's console endpoint.")),
        ("Record:IngressUrl", CommonOptions.Setting("--upstream-ingress", "URL", "With --record: the other server's ingress endpoint.")),
        ("Replay", CommonOptions.Setting("--replay", "FILE", "Answer from a cassette, or a recording in JSON; with --realtime at the recorded pace.")),
    ];

    public Option<bool> ListFaults { get; } = new("--list-faults")
    {
        Description = "List the ways in which it misbehaves on demand, each with what a good client makes of it, and end.",
    };

    public Option<LogLevel> LogLevel { get; } = CommonOptions.LogLevel(Microsoft.Extensions.Logging.LogLevel.Information);

    public Option<bool> Json { get; } = CommonOptions.Json();

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All =>
    [
        .. _texts[..3].Select(text => text.Option), _realTime, _firstSegment, _nextSegments, .. _texts[3..].Select(text => text.Option),
        ListFaults, _config, _set, LogLevel, Json,
    ];

    /// <summary>A problem that begins with a setting's name, told with the setting's path and the option that stands for it.</summary>
    public static string Explain(string problem)
    {
        string setting = problem.Split(' ', 2)[0];
        string path = Path(setting);
        string? option = new MotionServerCommandOptions().NameOf(setting);
        return $"{(option is null ? path : $"{option} ({path})")}{problem[setting.Length..]}";
    }

    /// <summary>The sources of the settings, with what the command line says.</summary>
    public SettingsSources Sources(ParseResult parsed)
    {
        var sources = CommonOptions.Sources(parsed, _config, _set, [.. _texts.Select(text => (Path(text.Setting), text.Option))]);
        sources.Set(Path(nameof(LocalMotionServerOptions.Pace)), parsed.GetValue(_realTime) ? nameof(ProcessingPace.RealTime) : null);
        sources.Set(Path(nameof(LocalMotionServerOptions.FirstSegment)), Milliseconds(parsed.GetValue(_firstSegment)));
        sources.Set(Path(nameof(LocalMotionServerOptions.NextSegments)), Milliseconds(parsed.GetValue(_nextSegments)));
        return sources;
    }

    private static string Path(string setting) => $"{ServiceSettings.MotionServerSection}:{setting}";

    private static string? Milliseconds(int? value) =>
        value is { } milliseconds ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms") : null;

    private string? NameOf(string setting) => setting switch
    {
        nameof(LocalMotionServerOptions.FirstSegment) => _firstSegment.Name,
        nameof(LocalMotionServerOptions.NextSegments) => _nextSegments.Name,
        _ => Array.Find(_texts, text => text.Setting == setting).Option?.Name,
    };
}
