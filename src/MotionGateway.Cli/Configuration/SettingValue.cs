using System.Globalization;

namespace MotionGateway.Cli.Configuration;

/// <summary>Turns the text of a setting into the value that it stands for.</summary>
internal static class SettingValue
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Whether a value of this type can be written as one text.</summary>
    public static bool CanParse(Type type)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        return inner.IsEnum || inner == typeof(string) || inner == typeof(bool) || inner == typeof(int) || inner == typeof(long)
            || inner == typeof(double) || inner == typeof(TimeSpan) || inner == typeof(Uri);
    }

    /// <summary>Parses a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="type">The type of the setting.</param>
    /// <param name="value">The value; null for an empty text where null is allowed.</param>
    /// <param name="expected">What the setting takes, for people.</param>
    public static bool TryParse(string text, Type type, out object? value, out string expected)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        text = inner == typeof(string) ? text : text.Trim();
        expected = Describe(inner);
        if (text.Length == 0 && (inner != type || inner == typeof(Uri)))
        {
            value = null;
            return true;
        }

        value = Parse(text, inner);
        return value is not null;
    }

    /// <summary>The text that stands for a value.</summary>
    public static string Format(object value) => value switch
    {
        TimeSpan time => FormatTime(time),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };

    /// <summary>What a setting of a type takes, in a word or two.</summary>
    public static string NameOf(Type type)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        return inner switch
        {
            _ when inner == typeof(bool) => "true, false",
            _ when inner == typeof(int) || inner == typeof(long) => "whole number",
            _ when inner == typeof(double) => "number",
            _ when inner == typeof(TimeSpan) => "time",
            _ when inner == typeof(Uri) => "URL",
            _ when inner.IsEnum => string.Join(", ", Enum.GetNames(inner)),
            _ => "text",
        };
    }

    // By the largest unit of which it is a whole number.
    private static string FormatTime(TimeSpan time)
    {
        if (time == TimeSpan.Zero)
        {
            return "0s";
        }

        var (unit, length) = Array.FindLast(Units, candidate => time.Ticks % candidate.Length.Ticks == 0);
        return unit is null ? time.ToString("c", CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / length.Ticks}{unit}");
    }

    private static object? Parse(string text, Type type)
    {
        var invariant = CultureInfo.InvariantCulture;
        return type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(bool) => bool.TryParse(text, out bool flag) ? flag : null,
            _ when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out int number) ? number : null,
            _ when type == typeof(long) => long.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out long number) ? number : null,
            _ when type == typeof(double) => double.TryParse(text, NumberStyles.Float, invariant, out double number) ? number : null,
            _ when type == typeof(TimeSpan) => ParseTime(text),
            _ when type == typeof(Uri) => Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : null,
            _ => !int.TryParse(text, out _) && Enum.TryParse(type, text, ignoreCase: true, out object? name) ? name : null,
        };
    }

    // A bare number would be days to TimeSpan, which is what nobody means.
    private static TimeSpan? ParseTime(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null;
        }

        foreach (var (unit, length) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text[..^unit.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out double count)
                && Math.Abs(count * length.TotalDays) < 10_000)
            {
                return length * count;
            }
        }

        return text == "0" ? TimeSpan.Zero : null;
    }

    private static string Describe(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number in range",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(TimeSpan) => "a time with its unit, such as 500ms, 15s, 10m or 00:00:15",
        _ when type == typeof(Uri) => "an absolute URL",
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ => "a text",
    };
}
