using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests.Samples;

/// <summary>A gateway behind TLS that wants a key, keeps what its speaker sends, and has heard it at once.</summary>
internal sealed class KeyedGateway : SpeechService.SpeechServiceBase, IAsyncDisposable
{
    public const string Key = "a key of this test";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-samples");
    private readonly X509Certificate2 _certificate = CreateCertificate();
    private readonly WebApplication _host;

    private KeyedGateway()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(_certificate);
        }));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        _host = builder.Build();
        _host.MapGrpcService<KeyedGateway>();
    }

    /// <summary>The address.</summary>
    public Uri Url => new(_host.Urls.Single());

    /// <summary>A PEM file of what signed its certificate.</summary>
    public string AuthorityFile => Path.Combine(_directory.FullName, "ca.pem");

    /// <summary>What the speaker has sent; it has ended its half when the call is over.</summary>
    public List<SpeakRequest> Requests { get; } = [];

    public static async Task<KeyedGateway> StartAsync()
    {
        var gateway = new KeyedGateway();
        await File.WriteAllTextAsync(gateway.AuthorityFile, gateway._certificate.ExportCertificatePem());
        await gateway._host.StartAsync();
        return gateway;
    }

    public override async Task Speak(
        IAsyncStreamReader<SpeakRequest> requestStream, IServerStreamWriter<SpeakResponse> responseStream, ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("authorization") != $"Bearer {Key}")
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "Show a key."));
        }

        await responseStream.WriteAsync(new SpeakResponse { Opened = new SessionOpened { SessionId = "session" } });
        await foreach (var request in requestStream.ReadAllAsync())
        {
            Requests.Add(request);
        }

        await responseStream.WriteAsync(new SpeakResponse { Closed = new SessionEnded() });
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _certificate.Dispose();
        _directory.Delete(recursive: true);
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=motiongateway.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
