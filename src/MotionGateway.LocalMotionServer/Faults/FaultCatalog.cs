using System.Text.Json;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>Every fault that can be asked for.</summary>
public static class FaultCatalog
{
    /// <summary>What all names begin with. An avatar id that begins so and names no fault is not found.</summary>
    public const string Prefix = "fault-";

    private static readonly Dictionary<string, Fault> ByName;

    static FaultCatalog()
    {
        Behaviours =
        [
            .. TokenFaults.Behaviours, .. UpgradeFaults.Behaviours, .. HandshakeFaults.Behaviours, .. EndingFaults.Behaviours, .. MessageFaults.Behaviours,
            .. FrameFaults.Behaviours, .. StallFaults.Behaviours, .. MotionFaults.Behaviours,
        ];
        All = [.. Behaviours.SelectMany(behaviour => behaviour.Faults)];
        ByName = Behaviours.SelectMany(behaviour => behaviour.AllFaults).ToDictionary(fault => fault.Name, StringComparer.Ordinal);
    }

    /// <summary>The behaviours, in the order of a connection's life.</summary>
    public static IReadOnlyList<FaultBehaviour> Behaviours { get; }

    /// <summary>The faults that show all behaviours, in the order of these. <see cref="Find"/> knows more.</summary>
    public static IReadOnlyList<Fault> All { get; }

    /// <summary>Looks a fault up.</summary>
    /// <param name="name"><c>fault-behaviour[-parameter][@point]</c>, without label and count. The point is left out where there is one only.</param>
    /// <returns>The fault, or null when there is none of that name.</returns>
    public static Fault? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Why <see cref="Find"/> finds nothing under a name, and what would do.</summary>
    internal static string Explain(string name)
    {
        string[] parts = name.Split('@', 2);
        FaultBehaviour? behaviour = Behaviours.Where(behaviour => $"{parts[0]}-".StartsWith($"{Prefix}{behaviour.Name}-", StringComparison.Ordinal)).MaxBy(behaviour => behaviour.Name.Length);
        if (behaviour is null)
        {
            return $"'{parts[0]}' names none of the faults.";
        }

        string parameter = parts[0][(Prefix.Length + behaviour.Name.Length)..].TrimStart('-');
        if (!behaviour.Parameters.Contains(parameter))
        {
            return behaviour.ParameterName.Length == 0
                ? $"{Prefix}{behaviour.Name} takes no parameter."
                : $"{behaviour.Pattern} takes for {behaviour.ParameterName} one of {string.Join(", ", behaviour.Parameters)}.";
        }

        return behaviour.Points.Count == 1
            ? $"{parts[0]} is written without @: it strikes at one point only."
            : $"{parts[0]} strikes at one of {string.Join(", ", behaviour.Points.Select(NameOf))}: write {parts[0]}@{NameOf(behaviour.Points[0])}, for example.";
    }

    /// <summary>A point as names have it.</summary>
    internal static string NameOf(FaultPoint point) => JsonNamingPolicy.KebabCaseLower.ConvertName(point.ToString());
}
