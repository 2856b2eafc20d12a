using System.Globalization;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>Finds the fault that an API key or avatar id asks for, and counts the uses of those that are limited.</summary>
internal sealed class FaultChooser
{
    // More limited faults than this are not told apart: further ones strike always.
    private const int MaxCounted = 10_000;

    private static readonly Dictionary<string, Fault> ByName = FaultCatalog.All.ToDictionary(fault => fault.Name, StringComparer.Ordinal);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _uses = new(StringComparer.Ordinal);

    /// <summary>Whether an API key names a fault, used up or not.</summary>
    public static bool IsFaultKey(string key) => Parse(key) is { Fault.Stage: FaultStage.Token };

    /// <summary>Whether an avatar id names a fault, used up or not.</summary>
    public static bool IsFaultAvatar(string id) => Parse(id) is { Fault.Stage: not FaultStage.Token };

    /// <summary>The fault to strike now, or null.</summary>
    public Fault? Choose(string id)
    {
        if (Parse(id) is not { } named)
        {
            return null;
        }

        return named.Limit is null || Use(id) <= named.Limit ? named.Fault : null;
    }

    private int Use(string id)
    {
        lock (_gate)
        {
            int uses = _uses.GetValueOrDefault(id) + 1;
            if (uses > 1 || _uses.Count < MaxCounted)
            {
                _uses[id] = uses;
            }

            return uses;
        }
    }

    private static (Fault Fault, int? Limit)? Parse(string id)
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
        return ByName.TryGetValue(dot < 0 ? id : id[..dot], out Fault? fault) ? (fault, limit) : null;
    }
}
