using System.Collections.Frozen;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>The rights of callers by the names that keys, tokens and settings give them.</summary>
public static class Scopes
{
    private static readonly FrozenDictionary<string, SessionRight> Rights = new Dictionary<string, SessionRight>
    {
        ["speak"] = SessionRight.Speak,
        ["read"] = SessionRight.Read,
        ["operate"] = SessionRight.Operate,
        ["issue-tokens"] = SessionRight.IssueTokens,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["speak", "read", "operate", "issue-tokens"];

    /// <summary>The name of a right.</summary>
    /// <param name="right">The right.</param>
    public static string NameOf(SessionRight right) => Rights.First(pair => pair.Value == right).Key;

    /// <summary>The rights that some names give; a name that is none of ours gives none.</summary>
    /// <param name="names">The names.</param>
    internal static FrozenSet<SessionRight> ToRights(IEnumerable<string> names) =>
        names.Where(Rights.ContainsKey).Select(name => Rights[name]).ToFrozenSet();

    /// <summary>Says what is wrong with the scopes that an operator has written; null when nothing is.</summary>
    /// <param name="names">The scopes.</param>
    internal static string? FindProblem(IReadOnlyCollection<string> names) =>
        names.Count == 0 ? $"name at least one of {string.Join(", ", Names)}"
        : names.Except(Names, StringComparer.Ordinal).Select(name => $"{name}").FirstOrDefault() is { } unknown
            ? $"'{unknown}' is no scope: there are {string.Join(", ", Names)}" : null;
}
