using System.Text.Json;

namespace MotionGateway.MotionServer;

/// <summary>
/// Credentials that a peer may repeat, to be masked in what others see: as they are, and as JSON and URLs write them. However short one is, it is masked, also within an
/// ordinary word: a text that is hard to read does less harm than a credential in a log. What is classified is the text as it came.
/// </summary>
internal sealed class Secrets
{
    private const string Masked = "***";

    public static readonly Secrets None = new();

    private readonly string[] _secrets;

    public Secrets(params IEnumerable<string?> secrets) => _secrets = [.. secrets.Where(secret => !string.IsNullOrEmpty(secret)).Distinct()!];

    // Made when something is masked, which a connection that does not fail never needs. The longest first, since one may begin with another.
    private string[] Forms => field ??= [.. _secrets.SelectMany(FormsOf).Distinct().OrderByDescending(form => form.Length)];

    /// <summary>Whether a value can be a header's value as it is, which a credential has to be.</summary>
    public static bool IsHeaderSafe(string value) => !value.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>These, and more.</summary>
    public Secrets With(params IEnumerable<string?> more) => new(_secrets.Concat(more));

    /// <summary>A text with the secrets masked.</summary>
    public string? Mask(string? text)
    {
        foreach (string form in string.IsNullOrEmpty(text) ? [] : Forms)
        {
            text = text!.Replace(form, Masked, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>A cause as it is where it shows no secret, however deep, else what stands in for it.</summary>
    public Exception Mask(Exception cause)
    {
        string told = cause.ToString();
        for (Exception? one = cause; one is not null; one = one.InnerException)
        {
            told += $"\n{one.Message}\n{string.Join('\n', one.Data.Values.Cast<object?>())}";
        }

        return Mask(told) == told ? cause : new MaskedException($"{cause.GetType().FullName}: {Mask(cause.Message)}", Mask(cause.ToString())!);
    }

    private static IEnumerable<string> FormsOf(string secret)
    {
        string json = JsonEncodedText.Encode(secret).ToString();
        string url = Uri.EscapeDataString(secret);
        // Digits of escapes come in either case.
        return [secret, json, LowerEscapes(json, @"\u", 4), secret.Replace("/", @"\/", StringComparison.Ordinal), url, LowerEscapes(url, "%", 2)];
    }

    private static string LowerEscapes(string text, string mark, int digits)
    {
        string[] parts = text.Split(mark);
        return string.Join(mark, parts.Select((part, i) => i == 0 ? part : part[..digits].ToLowerInvariant() + part[digits..]));
    }

    /// <summary>Stands in for a cause that shows a secret: its type's name and its text, masked.</summary>
    private sealed class MaskedException(string message, string text) : Exception(message)
    {
        public override string ToString() => text;
    }
}
