using System.Collections;

namespace MotionGateway.MotionServer;

/// <summary>Stands in for a cause that shows a credential: its type's name and its text, with the credential masked.</summary>
internal sealed class MaskedException : Exception
{
    private readonly string _text;

    private MaskedException(string message, string text)
        : base(message) => _text = text;

    /// <summary>The cause itself where it shows none of the secrets, however deep, else what stands in for it.</summary>
    public static Exception Of(Exception cause, params ReadOnlySpan<string?> secrets)
    {
        string text = cause.ToString();
        string masked = CredentialText.Redact(text, secrets)!;
        return masked == text && !Shows(cause, secrets)
            ? cause
            : new MaskedException($"{cause.GetType().FullName}: {CredentialText.Redact(cause.Message, secrets)}", masked);
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    // What the usual text leaves out, and a log may print.
    private static bool Shows(Exception? cause, ReadOnlySpan<string?> secrets)
    {
        for (; cause is not null; cause = cause.InnerException)
        {
            string told = $"{cause.Message}\n{cause.Source}\n{cause.HelpLink}";
            foreach (DictionaryEntry entry in cause.Data)
            {
                told += $"\n{entry.Key}\n{entry.Value}";
            }

            if (CredentialText.Redact(told, secrets) != told)
            {
                return true;
            }
        }

        return false;
    }
}
