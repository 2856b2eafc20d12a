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

    private static readonly string[] Sections = [GatewaySection, RelaySection, MotionServerSection];

    /// <summary>The gateway's settings.</summary>
    /// <param name="sources">Where they come from.</param>
    /// <param name="isLocal">No credentials are configured: it was pointed at the local Motion Server.</param>
    /// <exception cref="SettingsException">Something is wrong.</exception>
    public static GatewayOptions ReadGateway(SettingsSources sources, out bool isLocal)
    {
        var options = new GatewayOptions();
        var problems = Bind(sources, GatewaySection, options);
        isLocal = sources.IsDevelopment && MotionServerCredentials.UseLocal(options.MotionServer, new Uri(LocalMotionServerUrl));
        if (MotionServerCredentials.AreMissing(options.MotionServer))
        {
            problems.Add(MotionServerCredentials.HowToSet);
            MotionServerCredentials.UseLocal(options.MotionServer, new Uri(LocalMotionServerUrl));
        }

        problems.AddRange(Check(options).Select(problem => $"{GatewaySection}:{problem}"));
        return problems.Count == 0 ? options : throw new SettingsException(problems);
    }

    /// <summary>The relay's settings.</summary>
    /// <exception cref="SettingsException">Something is wrong.</exception>
    public static EdgeRelayOptions ReadRelay(SettingsSources sources)
    {
        var options = new EdgeRelayOptions { PageDirectory = BuiltPage.Directory };
        var problems = Bind(sources, RelaySection, options);
        problems.AddRange(options.Validate().Select(problem => $"{RelaySection}:{problem}"));
        return problems.Count == 0 ? options : throw new SettingsException(problems);
    }

    /// <summary>The local Motion Server's settings; what its own start finds wrong is told there.</summary>
    /// <exception cref="SettingsException">Something is wrong.</exception>
    public static LocalMotionServerOptions ReadMotionServer(SettingsSources sources)
    {
        var options = new LocalMotionServerOptions { Urls = LocalMotionServerUrl };
        var problems = Bind(sources, MotionServerSection, options);
        return problems.Count == 0 ? options : throw new SettingsException(problems);
    }

    private static List<string> Bind(SettingsSources sources, string section, object options)
    {
        var settings = sources.Read();
        var binder = new SettingsBinder();
        binder.CheckSections(settings, Sections);
        binder.Bind(settings.GetSection(section), options, section);
        return [.. binder.Problems];
    }

    private static List<string> Check(GatewayOptions options)
    {
        var problems = new GatewayOptionsValidator().Validate(null, options).Failures?.ToList() ?? [];
        foreach (string problem in options.MotionServer.Validate())
        {
            string path = $"MotionServer:{problem.Split(' ')[0]}";
            if (!problems.Exists(known => known.StartsWith(path, StringComparison.Ordinal)))
            {
                problems.Add($"MotionServer:{problem}");
            }
        }

        return problems;
    }
}
