using System.Text;
using System.Text.Json;

namespace MotionGateway.Cli.Configuration;

/// <summary>Writes a settings file that holds every setting of a service with its default, and what each is.</summary>
internal sealed class SettingsSample
{
    private const int LineWidth = 120;
    private const int StepWidth = 2;

    private readonly StringBuilder _text = new();
    private readonly SettingsDescriptions _descriptions = new();

    /// <summary>Makes the file's text: JSON with comments.</summary>
    /// <param name="section">The service's section.</param>
    public static string Create(string section)
    {
        var sample = new SettingsSample();
        sample.Write(section);
        return sample._text.ToString();
    }

    private void Write(string section)
    {
        Line(0, "// Every setting of this service with its default. Keep what you change, in appsettings.json or the file named by --config;");
        Line(0, $"// a variable such as {SettingsVariables.NameOf($"{section}:Urls")} wins over it. Times are written like 500ms, 15s, 10m or 2h.");
        Line(0, "{");
        Line(1, $"\"{SettingsFile.Section}\": {{");
        Line(2, $"\"{section}\": {{");
        Write(SettingsCatalog.Read(ServiceSettings.Defaults(section), section), 3, "");
        Line(2, "}");
        Line(1, "}");
        Line(0, "}");
    }

    // What is not there by default is written as a comment, which begins each of its lines.
    private void Write(IReadOnlyList<SettingEntry> entries, int depth, string comment)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            string prefix = entry.IsAbsent ? "// " : comment;
            string comma = i < entries.Count - 1 ? "," : "";
            Describe(entry, depth);
            if (entry.Kind == SettingKind.Group)
            {
                Line(depth, $"{prefix}\"{entry.Property.Name}\": {{");
                Write(entry.Children, depth + 1, prefix);
                Line(depth, $"{prefix}}}{comma}");
            }
            else
            {
                Line(depth, $"{prefix}\"{entry.Property.Name}\": {ToJson(entry)}{comma}");
            }
        }
    }

    private void Describe(SettingEntry entry, int depth)
    {
        string text = _descriptions.Find(entry.Property);
        if (entry.Kind == SettingKind.Map && SettingProperties.Find(SettingProperties.ItemOf(entry.Property)) is { Count: > 0 } group)
        {
            text += $" Each: {string.Join(", ", group.Select(property => property.Name))}.";
        }

        if (SettingsCatalog.IsAppliedAtOnce(entry.Property))
        {
            text += " Can be changed while it runs.";
        }

        var line = new StringBuilder();
        foreach (string word in text.Split(' '))
        {
            if (line.Length + word.Length + 1 > LineWidth - (depth * StepWidth) - 3)
            {
                Line(depth, $"// {line}");
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        Line(depth, $"// {line}");
    }

    private static string ToJson(SettingEntry entry) => entry.Value switch
    {
        null => "null",
        IEnumerable<string> list => JsonSerializer.Serialize(list),
        _ when entry.Kind == SettingKind.Map => "{}",
        bool or int or long or double => SettingValue.Format(entry.Value),
        var value => JsonSerializer.Serialize(SettingValue.Format(value)),
    };

    private void Line(int depth, string text) => _text.Append(' ', depth * StepWidth).Append(text).Append('\n');
}
