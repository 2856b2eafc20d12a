using System.Globalization;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>The fault that an API key or avatar id names, and how often it strikes (null: always).</summary>
internal readonly record struct FaultChoice(Fault Fault, int? Limit)
{
    /// <summary>Reads <c>name[.label][@count]</c>; null when it names no fault.</summary>
    public static FaultChoice? Read(string id)
    {
        int? limit = null;
        int at = id.LastIndexOf('@');
        if (at >= 0)
        {
            if (!int.TryParse(id.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            {
                return null;
            }

            limit = count;
            id = id[..at];
        }

        int dot = id.IndexOf('.', StringComparison.Ordinal);
        return FaultCatalog.Find(dot < 0 ? id : id[..dot]) is { } fault ? new FaultChoice(fault, limit) : null;
    }

    /// <summary>Whether an API key names a fault, used up or not.</summary>
    public static bool IsKey(string key) => Read(key) is { Fault.Stage: FaultStage.Token };

    /// <summary>Whether an avatar id names a fault, used up or not.</summary>
    public static bool IsAvatar(string id) => Read(id) is { Fault.Stage: not FaultStage.Token };
}
