using System.Globalization;
using System.Text;

namespace MotionGateway.MotionServer;

/// <summary>What may be sent as a credential, and what is left of one in text that others see.</summary>
internal static class CredentialText
{
    private const string Mask = "***";

    // JSON within JSON within JSON doubles the backslash before a character twice. The limit keeps the search linear.
    private const int MostBackslashes = 8;
    private const int UnicodeDigits = 4;
    private const int PercentDigits = 2;

    /// <summary>Whether the value can be a header's value as it is.</summary>
    public static bool IsHeaderSafe(string value) => !value.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>
    /// Masks credentials that a peer repeats in its answer, so that they reach no exception: as they are, escaped as in JSON,
    /// percent-encoded as in a URL, or mixed. For what is kept and shown only: what is classified is the text as it came.
    /// </summary>
    /// <remarks>
    /// However short a secret is, it is masked, also where it is a part of an ordinary word: a text that is hard to read does
    /// less harm than a credential in a log, and nothing depends on the masked text.
    /// </remarks>
    public static string? Redact(string? text, params ReadOnlySpan<string?> secrets)
    {
        if (string.IsNullOrEmpty(text))
        {
            return text;
        }

        StringBuilder? masked = null;
        ReadOnlySpan<char> beginnings = Beginnings(secrets);
        int kept = 0;
        int at = 0;
        // A body can have a mebibyte: most of it is passed over at once.
        for (int next; (next = text.AsSpan(at).IndexOfAny(beginnings)) >= 0;)
        {
            at += next;
            int length = LongestMatch(text.AsSpan(at), secrets);
            if (length == 0)
            {
                at++;
                continue;
            }

            masked ??= new StringBuilder(text.Length);
            masked.Append(text, kept, at - kept).Append(Mask);
            at += length;
            kept = at;
        }

        return masked is null ? text : masked.Append(text, kept, text.Length - kept).ToString();
    }

    private static string Beginnings(ReadOnlySpan<string?> secrets)
    {
        StringBuilder beginnings = new("\\%");
        foreach (string? secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret))
            {
                beginnings.Append(secret[0]);
            }
        }

        return beginnings.ToString();
    }

    // The longest, since one secret may begin with another.
    private static int LongestMatch(ReadOnlySpan<char> text, ReadOnlySpan<string?> secrets)
    {
        int longest = 0;
        foreach (string? secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret))
            {
                longest = Math.Max(longest, LengthOf(secret, text));
            }
        }

        return longest;
    }

    // What looks percent-encoded can be a part of the secret itself.
    private static int LengthOf(string secret, ReadOnlySpan<char> text) =>
        text.StartsWith(secret, StringComparison.Ordinal) ? secret.Length
        : EscapedLength(text, secret, percent: true) is > 0 and int length ? length
        : EscapedLength(text, secret, percent: false);

    private static int EscapedLength(ReadOnlySpan<char> text, string secret, bool percent)
    {
        int at = 0;
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune rune in secret.EnumerateRunes())
        {
            int length = percent ? PercentLength(text[at..], utf8[..rune.EncodeToUtf8(utf8)]) : 0;
            length = length > 0 ? length : CharactersLength(text[at..], rune);
            if (length == 0)
            {
                return 0;
            }

            at += length;
        }

        return at;
    }

    private static int CharactersLength(ReadOnlySpan<char> text, Rune rune)
    {
        Span<char> utf16 = stackalloc char[2];
        int at = 0;
        foreach (char expected in utf16[..rune.EncodeToUtf16(utf16)])
        {
            int length = CharacterLength(text[at..], expected);
            if (length == 0)
            {
                return 0;
            }

            at += length;
        }

        return at;
    }

    /// <summary>Characters at the beginning of a text that stand for one: itself, behind backslashes or not, or its code behind <c>\u</c>.</summary>
    private static int CharacterLength(ReadOnlySpan<char> text, char expected)
    {
        int backslashes = 0;
        while (backslashes < MostBackslashes && backslashes < text.Length && text[backslashes] == '\\')
        {
            backslashes++;
        }

        ReadOnlySpan<char> rest = text[backslashes..];
        if (backslashes > 0 && rest.Length > UnicodeDigits && rest[0] == 'u' && IsHex(rest.Slice(1, UnicodeDigits), expected))
        {
            return backslashes + 1 + UnicodeDigits;
        }

        return expected == '\\' ? backslashes : !rest.IsEmpty && rest[0] == expected ? backslashes + 1 : 0;
    }

    private static int PercentLength(ReadOnlySpan<char> text, ReadOnlySpan<byte> utf8)
    {
        int at = 0;
        foreach (byte expected in utf8)
        {
            if (text.Length - at <= PercentDigits || text[at] != '%' || !IsHex(text.Slice(at + 1, PercentDigits), expected))
            {
                return 0;
            }

            at += 1 + PercentDigits;
        }

        return at;
    }

    private static bool IsHex(ReadOnlySpan<char> digits, int expected) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) && value == expected;
}
