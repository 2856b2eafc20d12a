namespace MotionGateway.Cli.Connecting;

/// <summary>Says what keeps TLS from being spoken with a server, by what the runtime says of it.</summary>
internal static class TlsFailures
{
    private static readonly (string Words, string Explanation)[] Explanations =
    [
        ("RemoteCertificateNameMismatch", "The server's certificate is for another name: call it by a name that stands in its certificate."),
        ("NotTimeValid", "The server's certificate has ended or not begun, or this machine's clock is wrong."),
        ("The remote certificate", "The server's certificate is of a CA that is not trusted here: name the CA's file with --cacert."),
        ("Cannot determine the frame size", "What listens there does not speak TLS: write http:// in its address, or name another."),
        ("alert", "The server does not let this caller in: it may want a certificate, which --cert and --key name."),
    ];

    /// <summary>What is wrong and what helps; null when it is not TLS.</summary>
    public static string? Describe(Exception? failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (Array.Find(Explanations, known => cause.Message.Contains(known.Words, StringComparison.Ordinal)) is { Words: not null } found)
            {
                return found.Explanation;
            }
        }

        return null;
    }
}
