using System.CommandLine;
using Microsoft.Extensions.Logging;
using MotionGateway.Cli.Configuration;

namespace MotionGateway.Cli.Commands;

/// <summary>Options that several commands take, each with the same name and meaning everywhere.</summary>
internal static class CommonOptions
{
    /// <summary>Where gateways listen by default.</summary>
    public const string GatewayUrl = "http://127.0.0.1:50051";

    /// <summary>Where relays listen by default.</summary>
    public const string RelayUrl = "http://127.0.0.1:8080";

    public static Option<bool> Json() => new("--json")
    {
        Description = "Write JSON lines to standard output, for programs; what people read goes to standard error.",
    };

    public static Option<string> Avatar() =>
        new("--avatar") { Description = "The avatar.", HelpName = "ID", DefaultValueFactory = _ => "local-avatar" };

    public static Option<string> Gateway() => Address("--gateway", "The gateway's gRPC address", SettingsVariables.GatewayAddress, GatewayUrl);

    public static Option<string> Relay(string what = "The relay's address, for the page's address that is shown") =>
        Address("--relay", what, SettingsVariables.RelayAddress, RelayUrl);

    public static Option<string?> Urls(string defaultUrl) => new("--urls")
    {
        Description = $"Addresses to listen on, ';' between them; port 0 takes a free one. [default: {defaultUrl}]",
        HelpName = "URLS",
    };

    public static Option<string?> Config() => new("--config")
    {
        Description = "A JSON file to read instead of appsettings.json.",
        HelpName = "FILE",
    };

    public static Option<string[]> Set(string example) => new("--set")
    {
        Description = $"Any setting by its path, such as {example}. May be given several times.",
        HelpName = "NAME=VALUE",
        DefaultValueFactory = _ => [],
    };

    public static Option<LogLevel> LogLevel(LogLevel defaultLevel) => new("--log-level")
    {
        Description = "What is logged, to standard error: trace, debug, information, warning, error, none.",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => defaultLevel,
    };

    /// <summary>An option that stands for a setting.</summary>
    public static Option<string?> Setting(string name, string valueName, string description) =>
        new(name) { Description = description, HelpName = valueName };

    /// <summary>An option that takes a time with its unit.</summary>
    public static Option<string> Time(string name, string description, string defaultTime) =>
        new(name) { Description = description, HelpName = "TIME", DefaultValueFactory = _ => defaultTime };

    /// <summary>Reads a time that a person gave.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static TimeSpan ToTime(string text, string option) =>
        SettingValue.TryParse(text, typeof(TimeSpan), out object? time, out string expected) ? (TimeSpan)time!
        : throw new CommandException($"{option}: '{text}' is not {expected}.", ExitCode.Usage);

    /// <summary>Reads an address that a person gave.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static Uri ToAddress(string text, string option) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
        : throw new CommandException($"{option}: '{text}' is no http or https address, such as {GatewayUrl}.", ExitCode.Usage);

    /// <summary>Reads the address of a relay, which may be that of its WebSockets.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static Uri ToRelayAddress(string text, string option) =>
        ToAddress(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "ws" or "wss" ? $"http{text[2..]}" : text, option);

    private static Option<string> Address(string name, string what, string variable, string defaultUrl) => new(name)
    {
        Description = $"{what}; {variable} names another for all commands.",
        HelpName = "URL",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } url ? url : defaultUrl,
    };

    /// <summary>The sources of a service's settings, with what the command line says.</summary>
    public static SettingsSources Sources(
        ParseResult parsed, Option<string?> config, Option<string[]> set, params (string Path, Option<string?> Option)[] settings)
    {
        var sources = new SettingsSources { File = parsed.GetValue(config) };
        sources.SetAll(parsed.GetValue(set) ?? []);
        foreach (var (path, option) in settings)
        {
            sources.Set(path, parsed.GetValue(option));
        }

        return sources;
    }
}
