using System.Collections;
using System.Reflection;

namespace MotionGateway.Cli.Configuration;

/// <summary>The settings that options have, with the values that these hold.</summary>
internal static class SettingsCatalog
{
    /// <summary>The settings of options, groups as such.</summary>
    public static IReadOnlyList<SettingEntry> Read(object options, string path) => Read(options, path, isAbsent: false);

    /// <summary>The settings of options that take values of their own.</summary>
    public static IEnumerable<SettingEntry> List(object options, string path) => Read(options, path).SelectMany(entry => entry.Leaves());

    private static List<SettingEntry> Read(object options, string path, bool isAbsent) =>
        [.. SettingProperties.Find(options.GetType()).Select(property => Read(property, property.GetValue(options), $"{path}:{property.Name}", isAbsent))];

    private static IEnumerable<SettingEntry> ReadMap(PropertyInfo property, IDictionary map, string path, bool isAbsent) =>
        map.Keys.Cast<string>().SelectMany(name => SettingValue.CanParse(SettingProperties.ItemOf(property))
            ? [new SettingEntry($"{path}:{name}", property, SettingKind.Value, map[name]) { IsAbsent = isAbsent }]
            : Read(map[name]!, $"{path}:{name}", isAbsent));

    private static SettingEntry Read(PropertyInfo property, object? value, string path, bool isAbsent)
    {
        var kind = SettingProperties.KindOf(property)!.Value;
        bool isGroupAbsent = isAbsent || (kind == SettingKind.Group && value is null);
        return new SettingEntry(path, property, kind, value)
        {
            IsAbsent = isGroupAbsent,
            Children = kind switch
            {
                SettingKind.Group => Read(value ?? Activator.CreateInstance(property.PropertyType)!, path, isGroupAbsent),
                SettingKind.Map => [.. ReadMap(property, (IDictionary)value!, path, isAbsent)],
                _ => [],
            },
        };
    }
}
