using System.Net.Security;

namespace MotionGateway.Cli.Checking;

/// <summary>One of the two services that are checked.</summary>
/// <param name="Name">What people call it, which is its command too.</param>
/// <param name="Address">Its address.</param>
/// <param name="Protocol">What is spoken with it.</param>
internal sealed record Peer(string Name, Uri Address, SslApplicationProtocol Protocol)
{
    /// <summary>Host and port.</summary>
    public string Authority => Address.Authority;

    /// <summary>What helps when it is not there.</summary>
    public string Remedy => $"Start it with 'motiongateway {Name}', or name its address with --{Name}.";

    public static Peer Gateway(Uri address) => new("gateway", address, SslApplicationProtocol.Http2);

    public static Peer Relay(Uri address) => new("relay", address, SslApplicationProtocol.Http11);
}
