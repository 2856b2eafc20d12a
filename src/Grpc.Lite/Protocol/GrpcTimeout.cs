using System.Globalization;

namespace Grpc;

/// <summary>The value of <c>grpc-timeout</c>: at most eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    private const long MaxValue = 99_999_999;

    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond),
        ('m', TimeSpan.TicksPerMillisecond),
        ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute),
        ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>Encodes in the finest unit that has room, rounded up; what has passed already is a nanosecond.</summary>
    public static string Encode(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            return "1n";
        }

        foreach (var (unit, ticks) in Units)
        {
            var value = (timeout.Ticks - 1) / ticks + 1;
            if (value <= MaxValue)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
            }
        }

        return $"{MaxValue}H";
    }

    /// <summary>Decodes a value.</summary>
    /// <returns>Whether it has the form that the protocol demands.</returns>
    public static bool TryDecode(string? value, out TimeSpan timeout)
    {
        timeout = default;
        if (value is not { Length: > 1 and <= 9 }
            || !long.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        if (value[^1] == 'n')
        {
            timeout = TimeSpan.FromTicks(number / TimeSpan.NanosecondsPerTick);
            return true;
        }

        foreach (var (unit, ticks) in Units)
        {
            if (unit == value[^1])
            {
                timeout = TimeSpan.FromTicks(number > TimeSpan.MaxValue.Ticks / ticks ? TimeSpan.MaxValue.Ticks : number * ticks);
                return true;
            }
        }

        return false;
    }
}
