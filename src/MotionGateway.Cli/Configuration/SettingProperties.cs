using System.Reflection;

namespace MotionGateway.Cli.Configuration;

/// <summary>Which properties of options are settings, and of which kind.</summary>
internal static class SettingProperties
{
    /// <summary>The settings of a type of options.</summary>
    public static List<PropertyInfo> Find(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => KindOf(property) is not null)];

    /// <summary>What kind of setting a property is; null when it is none.</summary>
    public static SettingKind? KindOf(PropertyInfo property) => property switch
    {
        _ when property.GetIndexParameters().Length > 0 => null,
        { PropertyType: var type } when type == typeof(IList<string>) => SettingKind.List,
        { PropertyType: var type } when IsMap(type) => SettingKind.Map,
        { SetMethod.IsPublic: true, PropertyType: var type } when SettingValue.CanParse(type) => SettingKind.Value,
        { SetMethod.IsPublic: true, PropertyType: var type } when IsGroup(type) => SettingKind.Group,
        _ => null,
    };

    /// <summary>The type of what a map holds: groups, or values.</summary>
    public static Type ItemOf(PropertyInfo map) => map.PropertyType.GetGenericArguments()[1];

    private static bool IsGroup(Type type) =>
        type is { IsClass: true, IsAbstract: false } && type.Namespace?.StartsWith("MotionGateway", StringComparison.Ordinal) == true
        && type.GetConstructor(Type.EmptyTypes) is not null;

    private static bool IsMap(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>)
        && type.GetGenericArguments() is [var key, var item] && key == typeof(string) && (IsGroup(item) || SettingValue.CanParse(item));
}
