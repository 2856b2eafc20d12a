using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace MotionGateway.Hosting;

/// <summary>Makes HTTP/2 connections over TLS by files that may change: each by what they say when it is made.</summary>
public sealed class ClientTlsConnector : IDisposable
{
    private readonly Reloaded<ClientTls> _files;

    /// <summary>Reads the files.</summary>
    /// <param name="name">The path of the options, such as <c>Relay:GatewayTls</c>.</param>
    /// <param name="options">Which files.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Is told of changes.</param>
    /// <exception cref="TlsFileException">A file cannot be used.</exception>
    public ClientTlsConnector(string name, ClientTlsOptions options, TimeProvider timeProvider, ILogger<ClientTlsConnector> logger) =>
        _files = new Reloaded<ClientTls>(
            name, options.Files, () => ClientTls.Load(options, timeProvider.GetUtcNow()), timeProvider, logger);

    /// <summary>Makes a connection, as a handler's <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <param name="context">To whom.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            var options = _files.Current.CreateOptions(context.DnsEndPoint.Host);
            options.ApplicationProtocols = [SslApplicationProtocol.Http2];
            await stream.AuthenticateAsClientAsync(options, cancellationToken);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Looks at the files no more.</summary>
    public void Dispose() => _files.Dispose();
}
