using System.CommandLine;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Output;

namespace MotionGateway.Cli.Commands;

/// <summary><c>config</c>: shows and checks settings, and writes a file of all of them.</summary>
internal static class ConfigCommand
{
    private const string NotSet = "(not set)";

    private const string Explanation =
        "Settings come from appsettings.json (section MotionGateway), then from the environment (such as\n"
        + "MOTIONGATEWAY__GATEWAY__MAXSESSIONS), then from the command line; the later wins.";

    private static readonly (string Name, string Section)[] Services =
    [
        ("gateway", ServiceSettings.GatewaySection), ("relay", ServiceSettings.RelaySection), ("motion-server", ServiceSettings.MotionServerSection),
    ];

    /// <summary>Makes the command.</summary>
    public static Command Create() =>
        new ExplainedCommand("config", "Show and check the settings of a service, or write a file of all that there are.", Explanation)
        {
            Show(), Check(), Sample(), Reference(),
        };

    private static Command Show()
    {
        var service = Service();
        var config = CommonOptions.Config();
        var set = CommonOptions.Set("Gateway:MaxSessions=10");
        var json = CommonOptions.Json();
        var command = new Command("show", "Show the settings that are in force, secrets masked, and where each comes from.") { service, config, set, json };
        command.SetAction(parsed =>
        {
            var reading = Read(parsed, service, config, set);
            Show(reading, new Screen(parsed.GetValue(json)));
            return reading.Problems.Count == 0 ? ExitCode.Ok : throw new SettingsException(reading.Problems);
        });
        return command;
    }

    private static Command Check()
    {
        var service = Service();
        var config = CommonOptions.Config();
        var set = CommonOptions.Set("Gateway:MaxSessions=10");
        var json = CommonOptions.Json();
        var command = new Command("check", "Check the settings as the service does when it starts, and tell all that is wrong.") { service, config, set, json };
        command.SetAction(parsed =>
        {
            var reading = Read(parsed, service, config, set);
            if (reading.Problems.Count > 0)
            {
                throw new SettingsException(reading.Problems);
            }

            var screen = new Screen(parsed.GetValue(json));
            screen.Line($"The settings of the {parsed.GetRequiredValue(service)} are in order.");
            if (screen.IsJson)
            {
                screen.Json(new { service = parsed.GetRequiredValue(service), ok = true });
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Sample()
    {
        var service = Service();
        var command = new Command("sample", "Write a settings file that names every setting, with its default and what it is: JSON with comments.") { service };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.Write(SettingsSample.Create(SectionOf(parsed, service))));
        return command;
    }

    private static Command Reference()
    {
        var command = new Command("reference", "Write a page of every setting of every service, in Markdown: whether a change of it needs a restart, too.");
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.Write(SettingsReference.Create()));
        return command;
    }

    private static Argument<string> Service()
    {
        var service = new Argument<string>("service") { Description = "The service." };
        service.AcceptOnlyFromAmong([.. Services.Select(known => known.Name)]);
        return service;
    }

    private static string SectionOf(ParseResult parsed, Argument<string> service) =>
        Array.Find(Services, known => known.Name == parsed.GetRequiredValue(service)).Section;

    private static ServiceReading Read(ParseResult parsed, Argument<string> service, Option<string?> config, Option<string[]> set) =>
        ServiceSettings.Read(SectionOf(parsed, service), CommonOptions.Sources(parsed, config, set));

    private static void Show(ServiceReading reading, Screen screen)
    {
        if (reading.IsLocal)
        {
            screen.Line(MotionServerCredentials.LocalNotice);
        }

        foreach (var entry in SettingsCatalog.List(reading.Options, reading.Section).Where(entry => !entry.IsAbsent))
        {
            string source = reading.Settings.SourceOf(entry.Path) ?? "default";
            if (screen.IsJson)
            {
                screen.Json(new { path = entry.Path, value = entry.ToText(), source });
            }
            else
            {
                string value = entry.ToText() is { Length: > 0 } text ? text : NotSet;
                screen.Line($"{entry.Path} = {value}{(source == "default" ? "" : $"   ({source})")}");
            }
        }
    }
}
