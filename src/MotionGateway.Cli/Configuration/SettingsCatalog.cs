using System.Collections;
using System.Reflection;
using MotionGateway.Hosting;

namespace MotionGateway.Cli.Configuration;

/// <summary>The settings that options have, with the values that these hold.</summary>
internal static class SettingsCatalog
{
    /// <summary>The settings of options, groups as such.</summary>
    /// <param name="options">The options.</param>
    /// <param name="path">Their path.</param>
    /// <param name="isAppliedAtOnce">They are of a group that can be changed while the service runs.</param>
    public static IReadOnlyList<SettingEntry> Read(object options, string path, bool isAppliedAtOnce = false) =>
        Read(options, path, isAbsent: false, isAppliedAtOnce);

    /// <summary>The settings of options that take values of their own.</summary>
    public static IEnumerable<SettingEntry> List(object options, string path) => Read(options, path).SelectMany(entry => entry.Leaves());

    /// <summary>Whether a property says that changes of it, and of all that it holds, apply while the service runs.</summary>
    public static bool IsAppliedAtOnce(PropertyInfo property) => property.IsDefined(typeof(AppliedAtOnceAttribute));

    private static List<SettingEntry> Read(object options, string path, bool isAbsent, bool isAppliedAtOnce) =>
    [
        .. SettingProperties.Find(options.GetType()).Select(
            property => Read(property, property.GetValue(options), $"{path}:{property.Name}", isAbsent, isAppliedAtOnce || IsAppliedAtOnce(property))),
    ];

    private static IEnumerable<SettingEntry> ReadMap(PropertyInfo property, IDictionary map, string path, bool isAbsent, bool isAppliedAtOnce) =>
        map.Keys.Cast<string>().SelectMany(name => SettingValue.CanParse(SettingProperties.ItemOf(property))
            ? [new SettingEntry($"{path}:{name}", property, SettingKind.Value, map[name]) { IsAbsent = isAbsent, IsAppliedAtOnce = isAppliedAtOnce }]
            : Read(map[name]!, $"{path}:{name}", isAbsent, isAppliedAtOnce));

    private static SettingEntry Read(PropertyInfo property, object? value, string path, bool isAbsent, bool isAppliedAtOnce)
    {
        var kind = SettingProperties.KindOf(property)!.Value;
        bool isGroupAbsent = isAbsent || (kind == SettingKind.Group && value is null);
        return new SettingEntry(path, property, kind, value)
        {
            IsAbsent = isGroupAbsent,
            IsAppliedAtOnce = isAppliedAtOnce,
            Children = kind switch
            {
                SettingKind.Group => Read(value ?? Activator.CreateInstance(property.PropertyType)!, path, isGroupAbsent, isAppliedAtOnce),
                SettingKind.Map => [.. ReadMap(property, (IDictionary)value!, path, isAbsent, isAppliedAtOnce)],
                _ => [],
            },
        };
    }
}
