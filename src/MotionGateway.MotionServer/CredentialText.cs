namespace MotionGateway.MotionServer;

/// <summary>What may be sent as a credential, and what is left of one in text that others see.</summary>
internal static class CredentialText
{
    private const string Mask = "***";

    /// <summary>Whether the value can be a header's value as it is.</summary>
    public static bool IsHeaderSafe(string value) => !value.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>Masks credentials that a peer repeats in its answer, so that they reach no exception.</summary>
    public static string? Redact(string? text, params ReadOnlySpan<string?> secrets)
    {
        foreach (string? secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret))
            {
                text = text?.Replace(secret, Mask, StringComparison.Ordinal);
            }
        }

        return text;
    }
}
