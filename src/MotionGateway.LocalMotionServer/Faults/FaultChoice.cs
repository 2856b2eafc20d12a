using System.Globalization;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>
/// What an API key or avatar id asks for, <c>fault-behaviour[-parameter][@point][.label][@count]</c>: the label tells users of one server
/// apart, and with a count only so many uses of that very key or avatar id fail (null: all).
/// </summary>
internal readonly record struct FaultChoice(Fault Fault, int? Limit)
{
    /// <summary>Reads an id; null when it names no fault.</summary>
    public static FaultChoice? Read(string id)
    {
        (string name, int? limit) = Split(id);
        return FaultCatalog.Find(name) is { } fault ? new FaultChoice(fault, limit) : null;
    }

    /// <summary>Whether an API key names a fault, used up or not.</summary>
    public static bool IsKey(string key) => Read(key) is { Fault.Point: FaultPoint.Token };

    /// <summary>Whether an avatar id names a fault, used up or not.</summary>
    public static bool IsAvatar(string id) => Read(id) is { Fault.Point: not FaultPoint.Token };

    /// <summary>Why an id names no fault.</summary>
    public static string Explain(string id)
    {
        string name = Split(id).Name;
        return FaultCatalog.Find(name) is null ? FaultCatalog.Explain(name) : $"{name} is asked for by the other of API key and avatar id.";
    }

    private static (string Name, int? Limit) Split(string id)
    {
        int? limit = null;
        int at = id.LastIndexOf('@');
        // Points are words.
        if (at >= 0 && int.TryParse(id.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            limit = count;
            id = id[..at];
        }

        return (id.Split('.', 2)[0], limit);
    }
}
