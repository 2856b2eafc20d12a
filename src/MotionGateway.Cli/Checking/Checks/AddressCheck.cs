using System.Net;
using System.Net.Sockets;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>Its name is known, and something listens at its port.</summary>
internal sealed class AddressCheck(Peer peer) : ICheck
{
    public string Name => CheckNames.Address(peer.Name);

    public IReadOnlyList<string> Needs => [];

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(peer.Address.IdnHost, peer.Address.Port, cancellationToken);
            return CheckFinding.Ok(Describe((IPEndPoint)client.Client.RemoteEndPoint!));
        }
        catch (SocketException failure)
        {
            throw new CheckFailedException(Explain(failure), peer.Remedy);
        }
    }

    private static string Describe(IPEndPoint end) =>
        end.Address.IsIPv4MappedToIPv6 ? $"{end.Address.MapToIPv4()}:{end.Port}" : $"{end}";

    private string Explain(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"The name {peer.Address.IdnHost} is not known to this machine.",
        SocketError.ConnectionRefused => $"Nothing listens at {peer.Authority}.",
        _ => $"{peer.Authority} cannot be reached: {failure.Message}.",
    };
}
