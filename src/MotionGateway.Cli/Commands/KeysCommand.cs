using System.CommandLine;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Output;
using MotionGateway.Gateway;
using Spectre.Console;

namespace MotionGateway.Cli.Commands;

/// <summary><c>keys</c>: makes, shows and revokes the API keys of a gateway's callers.</summary>
internal static class KeysCommand
{
    private const string Explanation =
        "The file is the gateway's setting Callers:ApiKeysFile. It holds hashes of the keys, and the gateway reads it again when it changes,\n"
        + "within 2 seconds. A caller sends its key as the metadata 'authorization: Bearer KEY'.";

    public static Command Create() =>
        new ExplainedCommand("keys", "Make, show and revoke the API keys by which a gateway knows its callers.", Explanation)
        {
            Make(), List(), Revoke(),
        };

    private static Command Make()
    {
        var file = File();
        var name = Name("Name of the key, and of its holder in logs: letters, digits, points and hyphens.");
        var scope = new Option<string[]>("--scope")
        {
            Description = "What its holder may do. May be given several times.",
            HelpName = "SCOPE",
            Required = true,
        };
        scope.AcceptOnlyFromAmong([.. Scopes.Names]);
        var app = new Option<string[]>("--app")
        {
            Description = "An app that its holder may reach. May be given several times. [default: all]",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        var expires = new Option<string?>("--expires") { Description = "When it ends, from now, such as 90d. [default: when it is revoked]", HelpName = "TIME" };
        var maxSessions = new Option<int?>("--max-sessions") { Description = "Sessions that its holder may have open at one time.", HelpName = "COUNT" };
        var opens = new Option<double?>("--opens-per-second") { Description = "Sessions that its holder may open a second.", HelpName = "COUNT" };
        var json = CommonOptions.Json();
        var command = new Command("create", "Make a key: it is shown once, on standard output, and its hash is added to the file.")
        {
            file, name, scope, app, expires, maxSessions, opens, json,
        };
        command.SetAction(parsed =>
        {
            var (key, hash) = ApiKey.Create(parsed.GetRequiredValue(name));
            var entry = new ApiKeyEntry
            {
                Id = parsed.GetRequiredValue(name),
                Hash = hash,
                Scopes = [.. parsed.GetRequiredValue(scope).Distinct()],
                Apps = parsed.GetRequiredValue(app) is { Length: > 0 } apps ? apps : null,
                Limits = ToLimits(parsed.GetValue(maxSessions), parsed.GetValue(opens)),
                Expires = ToEnd(parsed.GetValue(expires)),
            };
            Try(() => ApiKeyFile.Add(parsed.GetRequiredValue(file), entry));
            Show(key, entry, parsed.GetValue(json));
        });
        return command;
    }

    private static Command List()
    {
        var file = File();
        var json = CommonOptions.Json();
        var command = new Command("list", "Show the keys of a file; never the keys themselves, which it does not hold.") { file, json };
        command.SetAction(parsed =>
        {
            IReadOnlyList<ApiKeyEntry> entries = [];
            Try(() => entries = ApiKeyFile.Read(parsed.GetRequiredValue(file)));
            Show(entries, new Screen(parsed.GetValue(json)));
        });
        return command;
    }

    private static Command Revoke()
    {
        var file = File();
        var name = Name("Name of the key.");
        var command = new Command("revoke", "Take a key out of the file: calls that begin later are refused; those under way go on.") { file, name };
        command.SetAction(parsed =>
        {
            Try(() => ApiKeyFile.Remove(parsed.GetRequiredValue(file), parsed.GetRequiredValue(name)));
            Screen.Note($"The key '{parsed.GetRequiredValue(name)}' is revoked.");
        });
        return command;
    }

    private static Option<string> File() => new("--file") { Description = "The file of the keys.", HelpName = "FILE", Required = true };

    private static Option<string> Name(string description) => new("--name") { Description = description, HelpName = "NAME", Required = true };

    private static CallerLimits? ToLimits(int? maxSessions, double? opensPerSecond) =>
        (maxSessions, opensPerSecond) is (null, null) ? null : new() { MaxSessions = maxSessions, OpensPerSecond = opensPerSecond };

    private static DateTimeOffset? ToEnd(string? time) =>
        time is null ? null
        : SettingValue.TryParse(time, typeof(TimeSpan), out object? value, out string expected) && value is TimeSpan length && length > TimeSpan.Zero
            ? DateTimeOffset.UtcNow + length
            : throw new CommandException($"--expires: '{time}' is not {expected}.", ExitCode.Usage);

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (InvalidDataException failure)
        {
            throw new CommandException($"{failure.Message}.");
        }
    }

    private static void Show(string key, ApiKeyEntry entry, bool isJson)
    {
        Screen.Note($"This is the key of '{entry.Id}'. It is shown once: keep it where only its holder reads it.");
        var screen = new Screen(isJson);
        if (isJson)
        {
            screen.Json(new { id = entry.Id, key, scopes = entry.Scopes, apps = entry.Apps, expires = entry.Expires });
        }
        else
        {
            screen.Line(key);
        }
    }

    private static void Show(IReadOnlyList<ApiKeyEntry> entries, Screen screen)
    {
        var table = new Table().AddColumns("name", "scopes", "apps", "sessions", "opens/s", "expires");
        foreach (var entry in entries)
        {
            if (screen.IsJson)
            {
                screen.Json(new { id = entry.Id, scopes = entry.Scopes, apps = entry.Apps, limits = entry.Limits, expires = entry.Expires });
            }

            table.AddRow(
                Cell(entry.Id), Cell(string.Join(' ', entry.Scopes)), Cell(entry.Apps is null ? "all" : string.Join(' ', entry.Apps)),
                Cell(entry.Limits?.MaxSessions), Cell(entry.Limits?.OpensPerSecond), Cell(entry.Expires is { } end ? Describe(end) : "never"));
        }

        if (!screen.IsJson)
        {
            screen.Console.Write(table);
        }
    }

    private static string Describe(DateTimeOffset end) => end <= DateTimeOffset.UtcNow ? $"{end:u} (over)" : $"{end:u}";

    private static string Cell(object? value) => Markup.Escape(Screen.Clean($"{value}"));
}
