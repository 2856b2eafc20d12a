using System.Reflection;

namespace MotionGateway.Cli.Configuration;

/// <summary>A setting and its value.</summary>
/// <param name="Path">Such as <c>Gateway:Limits:MaxTurn</c>.</param>
/// <param name="Property">Where it is kept.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Value">Its value.</param>
internal sealed record SettingEntry(string Path, PropertyInfo Property, SettingKind Kind, object? Value)
{
    private const string Mask = "********";
    private static readonly string[] SecretEndings = ["Key", "Secret", "Password", "Token", "Certificate"];

    /// <summary>The settings within a group; of a map those of the groups that are there.</summary>
    public IReadOnlyList<SettingEntry> Children { get; init; } = [];

    /// <summary>The group, or one that it is within, is not there: its settings are those that it would have.</summary>
    public bool IsAbsent { get; init; }

    /// <summary>It can be changed while the service runs.</summary>
    public bool IsAppliedAtOnce { get; init; }

    /// <summary>Whether nobody may see the value.</summary>
    public bool IsSecret => Property.PropertyType == typeof(string) && SecretEndings.Any(ending => Property.Name.EndsWith(ending, StringComparison.Ordinal));

    /// <summary>It or all that it holds, as far as they take values of their own.</summary>
    public IEnumerable<SettingEntry> Leaves() =>
        Kind is SettingKind.Group || (Kind is SettingKind.Map && Children.Count > 0) ? Children.SelectMany(child => child.Leaves()) : [this];

    /// <summary>The value as it is written in a setting, without secrets; null when there is none.</summary>
    public string? ToText() => Value switch
    {
        IEnumerable<string> list => string.Join(';', list),
        _ when Kind == SettingKind.Map => "",
        string { Length: > 0 } when IsSecret => Mask,
        null => null,
        var value => Redact(SettingValue.Format(value)),
    };

    // Credentials can also stand in an address.
    private static string Redact(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0
            ? text.Replace($"{uri.UserInfo}@", $"{Mask}@", StringComparison.Ordinal) : text;
}
