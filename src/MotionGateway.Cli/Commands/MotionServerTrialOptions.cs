using System.CommandLine;
using MotionGateway.Cli.Configuration;
using MotionGateway.MotionServer;

namespace MotionGateway.Cli.Commands;

/// <summary>Options of a command that tries the Motion Server by itself.</summary>
internal sealed class MotionServerTrialOptions
{
    private const string ApiKeyPath = "Gateway:MotionServer:ApiKey";

    private static readonly string ApiKeyVariable = SettingsVariables.NameOf(ApiKeyPath);

    private readonly Option<string?> _appId = CommonOptions.Setting(
        "--app-id", "ID", $"Try the Motion Server from here too, as this App ID and with the API key in {ApiKeyVariable}.");

    private readonly Option<string?> _region = CommonOptions.Setting("--region", "NAME", "Region of the Motion Server that is tried.");
    private readonly Option<string?> _console = CommonOptions.Setting("--motion-server-console", "URL", "Base address of its console API. [default: by region]");
    private readonly Option<string?> _ingress = CommonOptions.Setting("--motion-server-ingress", "URL", "Base address of its ingress, ws or wss. [default: by region]");

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_appId, _region, _console, _ingress])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What they say; null when the Motion Server is not to be tried.</summary>
    /// <exception cref="CommandException">They cannot be used.</exception>
    public MotionServerOptions? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_appId) is not { } appId)
        {
            return null;
        }

        var options = new MotionServerOptions
        {
            AppId = appId,
            ApiKey = Environment.GetEnvironmentVariable(ApiKeyVariable) ?? "",
            ConsoleUrl = ToUrl(parsed, _console),
            IngressUrl = ToUrl(parsed, _ingress),
        };
        options.Region = parsed.GetValue(_region) ?? options.Region;
        var problems = options.Validate();
        return problems.Count == 0 ? options
            : throw new CommandException($"{_appId.Name}: {string.Join(' ', problems)} The API key is read from {ApiKeyVariable}.", ExitCode.Usage);
    }

    private static Uri? ToUrl(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) ? url
        : throw new CommandException($"{option.Name}: '{text}' is no address.", ExitCode.Usage);
}
