namespace MotionGateway.LocalMotion.Faults;

/// <summary>
/// Every fault that can be asked for. A name may be followed by <c>.label</c>, which tells users of one server apart, and by
/// <c>@count</c>: then only the first <c>count</c> uses of that very key or avatar id fail and later ones work.
/// </summary>
public static class FaultCatalog
{
    /// <summary>What all names begin with. An avatar id that begins so and names no fault is not found.</summary>
    public const string Prefix = "fault-";

    private static readonly Dictionary<string, Fault> ByName;

    static FaultCatalog()
    {
        Families = [.. TokenFaults.Families, .. UpgradeFaults.Families, .. HandshakeFaults.Families, .. TurnFaults.Families, .. MotionFaults.Families, .. LimitFaults.Families];
        All = [.. Families.SelectMany(family => family.Faults)];
        ByName = All.ToDictionary(fault => fault.Name, StringComparer.Ordinal);
    }

    /// <summary>The faults in families, by stage.</summary>
    public static IReadOnlyList<FaultFamily> Families { get; }

    /// <summary>The faults, in the order of their families.</summary>
    public static IReadOnlyList<Fault> All { get; }

    /// <summary>Looks a fault up.</summary>
    /// <param name="name">Its name, without label and count.</param>
    /// <returns>The fault, or null when there is none of that name.</returns>
    public static Fault? Find(string name) => ByName.GetValueOrDefault(name);
}
