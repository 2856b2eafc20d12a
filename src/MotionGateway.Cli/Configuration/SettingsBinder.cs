using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace MotionGateway.Cli.Configuration;

/// <summary>
/// Fills options from settings, and finds every setting that no option has and every value that an option cannot take.
/// </summary>
internal sealed class SettingsBinder
{
    private readonly List<string> _problems = [];

    /// <summary>What is wrong, one sentence each, each beginning with the setting's path.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Fills an object.</summary>
    /// <param name="section">The settings.</param>
    /// <param name="target">The options.</param>
    /// <param name="path">Path of the settings, for people.</param>
    public void Bind(IConfiguration section, object target, string path)
    {
        var properties = SettingProperties.Find(target.GetType());
        foreach (var child in section.GetChildren())
        {
            string childPath = $"{path}:{child.Key}";
            if (properties.FirstOrDefault(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is not { } match)
            {
                _problems.Add(UnknownSetting(childPath, path, child.Key, properties.Select(property => property.Name)));
            }
            else
            {
                Bind(child, target, match, $"{path}:{match.Name}");
            }
        }
    }

    /// <summary>Finds sections that nobody reads.</summary>
    public void CheckSections(IConfiguration root, IReadOnlyList<string> names)
    {
        foreach (var child in root.GetChildren())
        {
            if (!names.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                _problems.Add(UnknownSetting(child.Key, "", child.Key, names));
            }
        }
    }

    private static string UnknownSetting(string path, string parent, string name, IEnumerable<string> known)
    {
        var candidates = known.ToList();
        string prefix = parent.Length > 0 ? $"{parent}:" : "";
        return NearestName.Find(name, candidates) is { } nearest
            ? $"{path} is no setting: did you mean {prefix}{nearest}?"
            : $"{path} is no setting: there are {string.Join(", ", candidates.Order(StringComparer.Ordinal))}.";
    }

    private void Bind(IConfigurationSection setting, object target, PropertyInfo property, string path)
    {
        switch (SettingProperties.KindOf(property))
        {
            case SettingKind.List:
                BindList(setting, (IList<string>)property.GetValue(target)!);
                break;
            case SettingKind.Map:
                BindMap(setting, (IDictionary)property.GetValue(target)!, SettingProperties.ItemOf(property), path);
                break;
            case SettingKind.Value:
                BindValue(setting, target, property, path);
                break;
            case SettingKind.Group when setting.Value is { Length: > 0 }:
                _problems.Add($"{path} is a group of settings and takes no value.");
                break;
            default:
                object group = property.GetValue(target) ?? Activator.CreateInstance(property.PropertyType)!;
                Bind(setting, group, path);
                property.SetValue(target, group);
                break;
        }
    }

    private void BindValue(IConfigurationSection setting, object target, PropertyInfo property, string path)
    {
        if (setting.Value is null)
        {
            if (setting.GetChildren().Any())
            {
                _problems.Add($"{path} takes one value, not a group of settings.");
            }

            return;
        }

        if (SettingValue.TryParse(setting.Value, property.PropertyType, out object? value, out string expected))
        {
            property.SetValue(target, value);
        }
        else
        {
            // Secrets are texts, which are always taken: none is repeated here.
            _problems.Add($"{path}: '{setting.Value}' is not {expected}.");
        }
    }

    private void BindMap(IConfigurationSection setting, IDictionary map, Type itemType, string path)
    {
        if (setting.Value is { Length: > 0 })
        {
            _problems.Add($"{path} is a map of settings and takes no value.");
        }

        foreach (var child in setting.GetChildren())
        {
            string childPath = $"{path}:{child.Key}";
            if (SettingValue.CanParse(itemType))
            {
                BindItem(child, map, itemType, childPath);
                continue;
            }

            if (child.Value is { Length: > 0 })
            {
                _problems.Add($"{childPath} is a group of settings and takes no value.");
                continue;
            }

            object group = Activator.CreateInstance(itemType)!;
            Bind(child, group, childPath);
            map[child.Key] = group;
        }
    }

    private void BindItem(IConfigurationSection setting, IDictionary map, Type type, string path)
    {
        if (SettingValue.TryParse(setting.Value ?? "", type, out object? value, out string expected))
        {
            map[setting.Key] = value;
        }
        else
        {
            _problems.Add($"{path}: '{setting.Value}' is not {expected}.");
        }
    }

    private static void BindList(IConfigurationSection setting, IList<string> list)
    {
        list.Clear();
        foreach (string item in setting.Value?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            ?? setting.GetChildren().Select(child => child.Value ?? "").ToArray())
        {
            list.Add(item);
        }
    }
}
