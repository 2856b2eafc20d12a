using System.Globalization;
using System.Text;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>What the values of a cassette's lines may be, so that a replay cannot fail over them.</summary>
internal static class CassetteEntryRules
{
    /// <summary>Longest time of a recording, in milliseconds: 30 days. A timer of .NET takes no more than 49.</summary>
    public const double LongestMs = 30d * 24 * 60 * 60 * 1000;

    // A control frame holds 125 bytes, two of which are the code.
    private const int LongestReason = 123;
    private const int NoCode = 1005;

    /// <summary>What is wrong with an entry, and what to do; null when nothing is.</summary>
    public static string? FindProblem(CassetteEntry entry) =>
        entry.Ms is not (>= 0 and <= LongestMs) ? "\"ms\" is not within 0 and 2592000000, which is 30 days; correct it or remove the line."
        : !IsHeaderValue(entry.ContentType) ? "\"contentType\" cannot be sent in a header; correct it or remove the line."
        : !IsHeaderValue(entry.RetryAfter) ? "\"retryAfter\" cannot be sent in a header; correct it or remove the line."
        : !IsHeaderValue(entry.Location) ? "\"location\" cannot be sent in a header; correct it or remove the line."
        : entry.Kind is CassetteKind.Token or CassetteKind.Upgrade && entry.OmittedBytes is not (null or (>= 0 and <= BoundedBody.MaxBytes))
            ? string.Create(CultureInfo.InvariantCulture, $"\"omittedBytes\" of an answer is not within 0 and {BoundedBody.MaxBytes}; correct it or remove the line.")
        : entry.Kind == CassetteKind.Close ? FindCloseProblem(entry.Code, entry.Reason ?? "")
        : null;

    // 1004, 1006 and 1015 are reserved: they never stand in a close frame.
    private static string? FindCloseProblem(int? code, string reason) =>
        code is not (null or (>= 1000 and <= 4999)) or 1004 or 1015 ? "\"code\" is no close code that can be sent: take one of 1000 to 4999 but 1004, 1006 and 1015, or 1005 for none."
        : code == 1006 ? "\"code\" is 1006, which stands for a connection that was lost: make it a line of kind 'cut'."
        : code == NoCode && reason.Length > 0 ? "\"reason\" stands beside code 1005, which is none: remove one of them."
        : Encoding.UTF8.GetByteCount(reason) > LongestReason ? string.Create(CultureInfo.InvariantCulture, $"\"reason\" is longer than {LongestReason} bytes; shorten it.")
        : null;

    private static bool IsHeaderValue(string? value) => value is null || value.All(character => character is >= ' ' and <= '~');
}
