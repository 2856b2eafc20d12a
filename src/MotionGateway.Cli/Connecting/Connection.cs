using System.Net.Security;
using Grpc.Net.Client;
using MotionGateway.Hosting;
using MotionGateway.Protocol;

namespace MotionGateway.Cli.Connecting;

/// <summary>How a command reaches its peers: whom it believes, as whom it calls, and what it sends along.</summary>
/// <param name="tls">The certificates; null for what this machine trusts.</param>
/// <param name="headers">What is sent along with each call.</param>
/// <param name="apiKey">The gateway's key; null when there is none.</param>
internal sealed class Connection(ClientTls? tls, IReadOnlyList<Header> headers, Header? apiKey)
{
    /// <summary>Opens a channel to a gateway, to be disposed of.</summary>
    public GrpcChannel OpenGateway(Uri address) =>
        GatewayChannel.ForAddress(address, CreateHandler(apiKey is null ? headers : [.. headers, apiKey]));

    /// <summary>Makes what opens a relay's feeds, to be disposed of. The gateway's key is none of a relay's business.</summary>
    public HttpMessageInvoker CreateRelayClient() => new(CreateRelayHandler());

    /// <summary>Makes what sends requests to a relay, to be disposed of.</summary>
    public HttpMessageHandler CreateRelayHandler() => CreateHandler(headers);

    /// <summary>How TLS is spoken with a peer, for a connection that is made by hand.</summary>
    public SslClientAuthenticationOptions CreateTlsOptions(string host) => tls?.CreateOptions(host) ?? new() { TargetHost = host };

    private HttpMessageHandler CreateHandler(IReadOnlyList<Header> sent)
    {
        var handler = GatewayChannel.CreateHandler();
        handler.SslOptions = tls?.CreateOptions() ?? handler.SslOptions;
        return sent.Count == 0 ? handler : new AddedHeaders(sent, handler);
    }
}
