using System.Diagnostics.Metrics;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace MotionGateway.Hosting;

/// <summary>Does TLS for a server by files that may change, and watches when their certificate ends.</summary>
internal sealed class ServerTls : IDisposable
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromDays(1);
    private static readonly TimeSpan ShortOfTime = TimeSpan.FromDays(14);

    private readonly string _name;
    private readonly TlsOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Reloaded<ServerTlsFiles> _files;
    private readonly ITimer _watch;

    /// <summary>Reads the files.</summary>
    /// <param name="name">The path of the options, such as <c>Gateway:Tls</c>.</param>
    /// <param name="options">Which files.</param>
    /// <param name="meters">Makes the meter of the certificate's end.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Is told of changes, and of an end that is near.</param>
    /// <exception cref="TlsFileException">A file cannot be used.</exception>
    public ServerTls(string name, TlsOptions options, IMeterFactory meters, TimeProvider timeProvider, ILogger<ServerTls> logger)
    {
        _name = name;
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _files = new Reloaded<ServerTlsFiles>(
            name, options.Files, () => ServerTlsFiles.Load(options, timeProvider.GetUtcNow()), timeProvider, logger);
        _watch = timeProvider.CreateTimer(static tls => ((ServerTls)tls!).WarnOfTheEnd(), this, TimeSpan.Zero, WatchInterval);
        TlsMetrics.Observe(meters, () => TimeLeft);
    }

    private TimeSpan TimeLeft => _files.Current.Own.EndTime - _timeProvider.GetUtcNow();

    /// <summary>Sets up what Kestrel does for https addresses.</summary>
    public void Configure(HttpsConnectionAdapterOptions https)
    {
        https.SslProtocols = _options.MinimumVersion == TlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;
        https.ClientCertificateMode = _options.ClientCaFile is null ? ClientCertificateMode.NoCertificate
            : _options.RequireClientCertificate ? ClientCertificateMode.RequireCertificate
            : ClientCertificateMode.AllowCertificate;

        // Kestrel wants to know of a certificate beforehand. Only a handshake's own options take its issuers too.
        https.ServerCertificateSelector = (_, _) => _files.Current.Own.Certificate;
        https.OnAuthenticate = (_, handshake) => _files.Current.Apply(handshake);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _files.Dispose();
    }

    private void WarnOfTheEnd()
    {
        if (TimeLeft < ShortOfTime)
        {
            ServerTlsLog.EndsSoon(_logger, _name, _files.Current.Own.EndTime);
        }
    }
}
