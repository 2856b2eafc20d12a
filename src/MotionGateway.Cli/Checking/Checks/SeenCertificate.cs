using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>What a server has shown, and what is wrong with it.</summary>
internal sealed class SeenCertificate
{
    private SslPolicyErrors _errors;
    private X509ChainStatusFlags _chain;
    private string _names = "";

    /// <summary>When it begins to be good.</summary>
    public DateTimeOffset Begin { get; private set; }

    /// <summary>When it ends.</summary>
    public DateTimeOffset End { get; private set; }

    /// <summary>Looks at it during the handshake.</summary>
    /// <returns>Whether it is good.</returns>
    public bool Take(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _errors = errors;
        _chain = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        if (certificate is X509Certificate2 shown)
        {
            (Begin, End) = (shown.NotBefore, shown.NotAfter);
            _names = string.Join(", ", NamesOf(shown));
        }

        return errors == SslPolicyErrors.None;
    }

    /// <summary>What is wrong and what helps; null when nothing is.</summary>
    public CheckFailedException? FindProblem(Peer peer, DateTimeOffset now)
    {
        if (_errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return new($"The {peer.Name}'s certificate is for another name than {peer.Address.IdnHost}: {_names}.",
                $"Name it with --{peer.Name} by a name of its certificate, or give it one for this name.");
        }

        if (_chain.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return now > End
                ? new($"The {peer.Name}'s certificate ended at {End:u}.", "Renew it: it is read again by itself.")
                : new($"The {peer.Name}'s certificate begins at {Begin:u}.", "Set the clocks of both machines by NTP.");
        }

        return _errors == SslPolicyErrors.None ? null
            : new($"The {peer.Name}'s certificate is of a CA that is not trusted here.", "Name the CA's file with --cacert, or have the certificate issued by another.");
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => $"{address}")));
}
