using System.Collections;
using System.Reflection;

namespace MotionGateway.Cli.Configuration;

/// <summary>A setting that has another value than before, or is new, or gone. The values may be secrets, and are not in it.</summary>
/// <param name="Path">Its path.</param>
/// <param name="IsAppliedAtOnce">It can be changed while the service runs.</param>
internal sealed record SettingsChange(string Path, bool IsAppliedAtOnce)
{
    /// <summary>Finds what differs.</summary>
    public static IReadOnlyList<SettingsChange> Find(object before, object after, string section)
    {
        var old = Values(before, section);
        var now = Values(after, section);
        return
        [
            .. old.Keys.Union(now.Keys).Where(path => !Equals(old.GetValueOrDefault(path)?.Value, now.GetValueOrDefault(path)?.Value))
                .Select(path => new SettingsChange(path, (now.GetValueOrDefault(path) ?? old[path]).IsAppliedAtOnce)),
        ];
    }

    /// <summary>Gives options the values of others for all settings that cannot be changed while the service runs.</summary>
    /// <param name="from">Has them.</param>
    /// <param name="to">Gets them.</param>
    public static void KeepWhatNeedsARestart(object from, object to)
    {
        foreach (var property in SettingProperties.Find(from.GetType()).Where(property => !SettingsCatalog.IsAppliedAtOnce(property)))
        {
            Keep(property, from, to);
        }
    }

    private static void Keep(PropertyInfo property, object from, object to)
    {
        switch (property.GetValue(from), property.GetValue(to))
        {
            case ({ } old, { } group) when SettingProperties.KindOf(property) == SettingKind.Group:
                KeepWhatNeedsARestart(old, group);
                break;
            case var (old, _) when property.SetMethod is not null:
                property.SetValue(to, old);
                break;
            case (IList<string> old, IList<string> list):
                list.Clear();
                old.ToList().ForEach(list.Add);
                break;
            case (IDictionary old, IDictionary map):
                map.Clear();
                old.Keys.Cast<object>().ToList().ForEach(name => map[name] = old[name]);
                break;
            default:
                break;
        }
    }

    private static Dictionary<string, Setting> Values(object options, string section) => SettingsCatalog.List(options, section)
        .ToDictionary(entry => entry.Path, entry => new Setting(ToValue(entry), entry.IsAppliedAtOnce), StringComparer.OrdinalIgnoreCase);

    // Of what is not there, no value; of a map without entries, its being there says nothing.
    private static object? ToValue(SettingEntry entry) => entry switch
    {
        { IsAbsent: true } or { Kind: SettingKind.Map } => null,
        { Value: IEnumerable<string> list } => string.Join('\n', list),
        var one => one.Value,
    };

    private sealed record Setting(object? Value, bool IsAppliedAtOnce);
}
