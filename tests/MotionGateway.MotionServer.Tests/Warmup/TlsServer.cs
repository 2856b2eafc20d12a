using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.MotionServer.Tests.Scripted;

namespace MotionGateway.MotionServer.Tests.Warmup;

/// <summary>A Motion Server behind TLS with a certificate of its own, which notes what clients do with TLS.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;

    private TlsServer(WebApplication app, X509Certificate2 certificate) => (_app, _certificate) = (app, certificate);

    /// <summary>Each TLS handshake's ClientHello, in order: whether it offers to resume a session.</summary>
    public ConcurrentQueue<bool> Resumptions { get; } = new();

    /// <summary>Each request, in order: its method and the connection that it came over.</summary>
    public ConcurrentQueue<(string Method, string Connection)> Requests { get; } = new();

    public Uri Url { get; private set; } = null!;

    public static async Task<TlsServer> StartAsync()
    {
        X509Certificate2 certificate = CreateCertificate();
        TlsServer? server = null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.TlsClientHelloBytesCallback = (_, bytes) => server!.Resumptions.Enqueue(ClientHello.OffersResumption(bytes));
        })));
        WebApplication app = builder.Build();
        app.UseWebSockets();
        server = new TlsServer(app, certificate);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        int port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        // A process keeps its TLS sessions by the server's name: no other test may use this one, and an address is no name.
        server.Url = new Uri($"https://{Guid.NewGuid():n}.test:{port}");
        return server;
    }

    /// <summary>The client's own handler; it connects to this machine, whatever a server is called, and trusts the certificates of these servers only.</summary>
    public static HttpMessageInvoker Http(params TlsServer[] servers)
    {
        SocketsHttpHandler handler = MotionServerClient.CreateHandler();
        handler.SslOptions.RemoteCertificateValidationCallback =
            (_, seen, _, _) => servers.Any(server => server._certificate.GetCertHashString() == seen?.GetCertHashString());
        handler.ConnectCallback = static async (context, cancellationToken) =>
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        return new HttpMessageInvoker(handler);
    }

    /// <summary>A client of this server, with a console elsewhere if one is given.</summary>
    public MotionServerClient Client(HttpMessageInvoker http, TlsServer? console = null) => new(
        new MotionServerOptions
        {
            AppId = ScriptedServer.AppId,
            ApiKey = ScriptedServer.ApiKey,
            ConsoleUrl = new Uri((console ?? this).Url, "/v1/console"),
            IngressUrl = new Uri(Url, "/v2/driveningress"),
        },
        http);

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private static X509Certificate2 CreateCertificate()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue((context.WebSockets.IsWebSocketRequest ? "upgrade" : context.Request.Method, context.Connection.Id));
        if (context.WebSockets.IsWebSocketRequest)
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            ScriptedSocket script = new(socket, context);
            await script.ConfirmAsync();
            await script.ReadToCloseAsync();
        }
        else if (HttpMethods.IsPost(context.Request.Method))
        {
            await context.Response.WriteAsync($$"""{"sessionToken":"{{ScriptedServer.Token}}"}""");
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}
