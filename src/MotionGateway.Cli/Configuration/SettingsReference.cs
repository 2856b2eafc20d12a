using System.Text;

namespace MotionGateway.Cli.Configuration;

/// <summary>Writes the page of all settings of all services, in Markdown: docs/settings.md.</summary>
internal sealed class SettingsReference
{
    private const string Introduction = """
        # Settings

        Every setting of every service. [Operations](operations.md#settings) tells where they are set, and
        [what a change does while a service runs](operations.md#change-settings-while-it-runs): those that are marked *at once* apply then, to what is begun later; the others at the
        next start. `<name>` is a name of your choice. Lists are written with `;` between their items, or as JSON arrays.

        This page is written by `dotnet run --project src/MotionGateway.Cli -- config reference`.

        """;

    private readonly StringBuilder _text = new();
    private readonly SettingsDescriptions _descriptions = new();

    /// <summary>Makes the page.</summary>
    public static string Create()
    {
        var page = new SettingsReference();
        page._text.Append(Introduction.ReplaceLineEndings("\n"));
        foreach (string section in ServiceSettings.Sections)
        {
            page.Write(section);
        }

        return page._text.ToString();
    }

    private void Write(string section)
    {
        _text.Append($"\n## {section}\n\n| Setting | Takes | Default | Changes apply | |\n|---|---|---|---|---|\n");
        foreach (var entry in SettingsCatalog.Read(ServiceSettings.Defaults(section), section).SelectMany(Unfold))
        {
            string when = entry.IsAppliedAtOnce ? "at once" : "at start";
            string description = _descriptions.Find(entry.Property).Replace("|", "\\|", StringComparison.Ordinal);
            _text.Append($"| `{entry.Path}` | {Takes(entry)} | {DefaultOf(entry)} | {when} | {description} |\n");
        }
    }

    // A map without entries is shown with what one of them would have.
    private static IEnumerable<SettingEntry> Unfold(SettingEntry entry) => entry.Kind switch
    {
        SettingKind.Group => entry.Children.SelectMany(Unfold),
        SettingKind.Map when !SettingValue.CanParse(SettingProperties.ItemOf(entry.Property)) => SettingsCatalog
            .Read(Activator.CreateInstance(SettingProperties.ItemOf(entry.Property))!, $"{entry.Path}:<name>", entry.IsAppliedAtOnce)
            .SelectMany(Unfold).Prepend(entry),
        _ => [entry],
    };

    private static string Takes(SettingEntry entry) => entry.Kind switch
    {
        SettingKind.Map when SettingValue.CanParse(SettingProperties.ItemOf(entry.Property)) =>
            $"{SettingValue.NameOf(SettingProperties.ItemOf(entry.Property))}, by name",
        SettingKind.Map => "groups by name",
        SettingKind.List => "list",
        _ => SettingValue.NameOf(entry.Property.PropertyType),
    };

    private static string DefaultOf(SettingEntry entry) => entry.ToText() is { Length: > 0 } text ? $"`{text}`" : "";
}
