namespace MotionGateway.Gateway;

/// <summary>The header that carries a caller's credential.</summary>
internal static class Bearer
{
    private const string Prefix = "Bearer ";

    /// <summary>The credential; null when the header has none of this kind.</summary>
    public static string? Read(string header) =>
        header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? header[Prefix.Length..].Trim() : null;
}
