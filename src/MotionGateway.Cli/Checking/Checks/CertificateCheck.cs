using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MotionGateway.Cli.Connecting;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>TLS can be spoken with it, and its certificate is good, and for long enough.</summary>
internal sealed class CertificateCheck(Peer peer, Connection connection, TimeProvider time) : ICheck
{
    private const int SoonDays = 14;

    public string Name => CheckNames.Certificate(peer.Name);

    public IReadOnlyList<string> Needs => [CheckNames.Address(peer.Name)];

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        if (peer.Address.Scheme == Uri.UriSchemeHttp)
        {
            return CheckFinding.Skipped("http, without TLS");
        }

        var seen = new SeenCertificate();
        try
        {
            await ShakeHandsAsync(seen, cancellationToken);
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException or SocketException)
        {
            throw seen.FindProblem(peer, time.GetUtcNow()) ?? Explain(failure);
        }

        return Judge((seen.End - time.GetUtcNow()).Days, seen.End);
    }

    private async Task ShakeHandsAsync(SeenCertificate seen, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(peer.Address.IdnHost, peer.Address.Port, cancellationToken);
        await using var tls = new SslStream(client.GetStream());
        var options = connection.CreateTlsOptions(peer.Address.IdnHost);
        options.ApplicationProtocols = [peer.Protocol];
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => seen.Take(certificate, chain, errors);
        await tls.AuthenticateAsClientAsync(options, cancellationToken);
    }

    private CheckFailedException Explain(Exception failure) =>
        new($"TLS cannot be spoken with what listens at {peer.Authority}.", TlsFailures.Describe(failure) ?? failure.Message);

    private static CheckFinding Judge(int days, DateTimeOffset end)
    {
        string until = $"good until {end:u}, {days} days";
        return days < SoonDays ? CheckFinding.Warning(until, "Renew it: it is read again by itself.") : CheckFinding.Ok(until);
    }
}
