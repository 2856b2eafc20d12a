using System.Diagnostics.Metrics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.Testing;

namespace MotionGateway.Hosting.Tests.Tls;

/// <summary>A server that answers each request with the name of its client's certificate.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TlsServer(WebApplication app, TestLoggerProvider log) => (_app, Log) = (app, log);

    public TestLoggerProvider Log { get; }

    public Uri Url => new(_app.Urls.First());

    public IMeterFactory Meters => _app.Services.GetRequiredService<IMeterFactory>();

    public static async Task<TlsServer> StartAsync(TlsOptions tls, TimeProvider? timeProvider = null)
    {
        var log = new TestLoggerProvider();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("https://127.0.0.1:0");
        builder.Services.AddRoutingCore().AddMetrics().AddSingleton(timeProvider ?? TimeProvider.System);
        builder.Services.AddServerTls("Test:Tls", tls);
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Information);
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync(context.Connection.ClientCertificate?.Subject ?? "nobody"));
        await app.StartAsync().DefaultTimeout();
        return new TlsServer(app, log);
    }

    /// <summary>Asks it, as a client with these files.</summary>
    public async Task<string> AskAsync(ClientTlsOptions client)
    {
        using var handler = new SocketsHttpHandler { SslOptions = ClientTls.Load(client, DateTimeOffset.UtcNow).CreateOptions() };
        using var http = new HttpClient(handler);
        return await http.GetStringAsync(Url).DefaultTimeout();
    }

    /// <summary>The certificates that it shows a new connection, its own first.</summary>
    public async Task<List<string>> ShownAsync()
    {
        List<string> shown = [];
        using var client = new TcpClient();
        await client.ConnectAsync(Url.Host, Url.Port).DefaultTimeout();
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, chain, _) =>
        {
            shown = [((X509Certificate2)certificate!).SerialNumber, .. chain!.ChainPolicy.ExtraStore.Select(issuer => issuer.Subject)];
            return true;
        });
        await stream.AuthenticateAsClientAsync("localhost").DefaultTimeout();
        return shown;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Log.AssertNoErrors();
    }
}
