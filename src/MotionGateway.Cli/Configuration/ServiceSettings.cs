using MotionGateway.Cli.Commands;
using MotionGateway.Cli.Hosting;
using MotionGateway.EdgeRelay;
using MotionGateway.Gateway;
using MotionGateway.LocalMotion;

namespace MotionGateway.Cli.Configuration;

/// <summary>The settings of each service, bound and checked: all that is wrong is told at once.</summary>
internal static class ServiceSettings
{
    /// <summary>Name of the gateway's section.</summary>
    public const string GatewaySection = "Gateway";

    /// <summary>Name of the relay's section.</summary>
    public const string RelaySection = "Relay";

    /// <summary>Name of the local Motion Server's section.</summary>
    public const string MotionServerSection = "MotionServer";

    /// <summary>Where the local Motion Server listens by default.</summary>
    public const string LocalMotionServerUrl = "http://127.0.0.1:8790";

    /// <summary>The sections of all services.</summary>
    public static IReadOnlyList<string> Sections { get; } = [GatewaySection, RelaySection, MotionServerSection];

    /// <summary>The paths of all settings.</summary>
    public static IEnumerable<string> AllPaths => Sections.SelectMany(section => SettingsCatalog.List(Defaults(section), section)).Select(setting => setting.Path);

    /// <summary>The settings of a service where nothing is configured.</summary>
    public static object Defaults(string section) => section switch
    {
        GatewaySection => new GatewayOptions(),
        RelaySection => new EdgeRelayOptions(),
        _ => new LocalMotionServerOptions { Urls = LocalMotionServerUrl },
    };

    /// <summary>Reads and checks the settings of a service.</summary>
    /// <exception cref="CommandException">A file cannot be read.</exception>
    public static ServiceReading Read(string section, SettingsSources sources)
    {
        var settings = sources.Read();
        object options = Defaults(section);
        var binder = new SettingsBinder();
        binder.CheckSections(settings.Values, Sections);
        binder.Bind(settings.Values.GetSection(section), options, section);
        if (options is EdgeRelayOptions { PageDirectory: null } relay)
        {
            relay.PageDirectory = BuiltPage.Directory;
        }

        bool isLocal = options is GatewayOptions { Apps.Count: 0 } gateway && sources.IsDevelopment
            && MotionServerCredentials.UseLocal(gateway.MotionServer, new Uri(LocalMotionServerUrl));
        return new ServiceReading(section, options, settings, [.. settings.Problems, .. binder.Problems, .. Check(options)]) { IsLocal = isLocal };
    }

    /// <summary>Finds everything that is wrong with a service's settings.</summary>
    /// <returns>One sentence each, with the path of the setting.</returns>
    public static IEnumerable<string> Check(object options) => options switch
    {
        GatewayOptions gateway => CheckGateway(gateway),
        EdgeRelayOptions relay => relay.Validate().Select(problem => $"{RelaySection}:{problem}"),
        _ => ((LocalMotionServerOptions)options).Validate().Select(MotionServerCommandOptions.Explain),
    };

    /// <summary>The gateway's settings.</summary>
    /// <param name="sources">Where they come from.</param>
    /// <param name="isLocal">No credentials are configured: it was pointed at the local Motion Server.</param>
    /// <exception cref="SettingsException">Something is wrong.</exception>
    public static GatewayOptions ReadGateway(SettingsSources sources, out bool isLocal)
    {
        var reading = Read(GatewaySection, sources);
        isLocal = reading.IsLocal;
        return Accept<GatewayOptions>(reading);
    }

    /// <summary>The relay's settings.</summary>
    /// <exception cref="SettingsException">Something is wrong.</exception>
    public static EdgeRelayOptions ReadRelay(SettingsSources sources) => Accept<EdgeRelayOptions>(Read(RelaySection, sources));

    /// <summary>The local Motion Server's settings.</summary>
    /// <exception cref="SettingsException">Something is wrong.</exception>
    public static LocalMotionServerOptions ReadMotionServer(SettingsSources sources) =>
        Accept<LocalMotionServerOptions>(Read(MotionServerSection, sources));

    /// <summary>The settings of a reading.</summary>
    /// <exception cref="SettingsException">Something is wrong.</exception>
    public static T Accept<T>(ServiceReading reading) =>
        reading.Problems.Count == 0 ? (T)reading.Options : throw new SettingsException(reading.Problems);

    private static IEnumerable<string> CheckGateway(GatewayOptions options)
    {
        // Where there are other apps, this one need not be.
        bool isMissing = MotionServerCredentials.AreMissing(options.MotionServer);
        bool areCredentialsMissing = isMissing && options.Apps.Count == 0;
        var problems = new GatewayOptionsValidator().Validate(null, options).Failures?.ToList() ?? [];
        foreach (string problem in isMissing && !areCredentialsMissing ? [] : options.MotionServer.Validate())
        {
            string path = $"MotionServer:{problem.Split(' ')[0]}";
            if (!problems.Exists(known => known.StartsWith(path, StringComparison.Ordinal)))
            {
                problems.Add($"MotionServer:{problem}");
            }
        }

        // Both are told in one sentence.
        return areCredentialsMissing
            ? problems.Where(problem => !IsAboutCredentials(problem)).Select(Locate).Prepend(MotionServerCredentials.HowToSet)
            : problems.Select(Locate);
    }

    private static bool IsAboutCredentials(string problem) =>
        problem.StartsWith("MotionServer:AppId", StringComparison.Ordinal) || problem.StartsWith("MotionServer:ApiKey", StringComparison.Ordinal);

    private static string Locate(string problem) => $"{GatewaySection}:{problem}";
}
