using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using MotionGateway.Hosting;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Callers that are known by a certificate of their connection.</summary>
public sealed class CertificateCallerTests : IAsyncLifetime, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-ca-");
    private readonly CallerAuthority _authority = new();
    private GatewayUnderTest _gateway = null!;
    private X509Certificate2 _server = null!;

    private string CaPath => Path.Combine(_directory.FullName, "ca.pem");

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(CaPath, _authority.Pem);
        _server = _authority.Issue("CN=gateway", CallerAuthority.ServerAuthentication);
        var certificates = new CertificateCallerOptions { CaFile = CaPath };
        certificates.Rules["agents"] = new() { San = "spiffe://example.com/agents/*", Scopes = { "speak" } };
        certificates.Rules["operator"] = new() { Subject = "CN=operator,O=Example", Scopes = { "operate" } };
        certificates.Rules["host"] = new() { San = "agent.example.com", Scopes = { "speak" }, Apps = { "another-app" } };
        _gateway = await GatewayUnderTest.StartAsync(
            options => options.Callers = new CallersOptions { Certificates = certificates },
            extend: app => app.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, UseTls)));
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _server.Dispose();
    }

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Certificate_OfARule_IsItsCallers()
    {
        using var agent = _authority.Issue("CN=any", name: names => names.AddUri(new Uri("spiffe://example.com/agents/7")));
        using var person = _authority.Issue("CN=operator, O=Example");
        using var speaking = await OpenAsync(agent);
        using var channel = Connect(person);

        var session = await new SessionService.SessionServiceClient(channel).GetSessionAsync(new GetSessionRequest { SessionId = speaking.SessionId });

        Assert.Equal("certificate:agents", session.Session.Caller);
        Assert.Equal(ErrorReason.NotPermitted, await RefusalAsync(person));
    }

    [Fact]
    public async Task Certificate_BoundToAnotherApp_OpensNone()
    {
        using var host = _authority.Issue("CN=host", name: names => names.AddDnsName("agent.example.com"));

        Assert.Equal(ErrorReason.AppNotFound, await RefusalAsync(host));
    }

    [Fact]
    public async Task Certificate_ThatIsNotTaken_MayDoNothing()
    {
        using var stranger = new CallerAuthority();
        static void Agent(SubjectAlternativeNameBuilder names) => names.AddUri(new Uri("spiffe://example.com/agents/7"));
        using var unknown = _authority.Issue("CN=unknown");
        using var forged = stranger.Issue("CN=any", name: Agent);
        using var over = _authority.Issue("CN=any", name: Agent, end: DateTimeOffset.UtcNow.AddMinutes(-1));
        using var server = _authority.Issue("CN=any", CallerAuthority.ServerAuthentication, Agent);
        using var alike = _authority.Issue("CN=operator, O=Example, OU=Another");

        foreach (var certificate in new[] { unknown, forged, over, server, alike })
        {
            var fault = await Assert.ThrowsAsync<RpcException>(() => OpenAsync(certificate));
            Assert.Contains("The credential is not taken", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Authorities_Changed_HoldForNewCalls()
    {
        using var successor = new CallerAuthority();
        static void Agent(SubjectAlternativeNameBuilder names) => names.AddUri(new Uri("spiffe://example.com/agents/7"));
        using var old = _authority.Issue("CN=any", name: Agent);
        using var made = successor.Issue("CN=any", name: Agent);
        using var before = await OpenAsync(old);

        await File.WriteAllTextAsync(CaPath, successor.Pem);
        _gateway.App.Services.GetRequiredService<Reloaded<CertificateAuthorities>>().Refresh();
        using var after = await OpenAsync(made);

        Assert.Equal(ErrorReason.CredentialInvalid, await RefusalAsync(old));
    }

    private void UseTls(ListenOptions listen) => listen.UseHttps(https =>
    {
        https.ServerCertificate = _server;
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        // Whom to believe is for the gateway's own settings to say.
        https.AllowAnyClientCertificate();
    });

    private GrpcChannel Connect(X509Certificate2? certificate)
    {
        var handler = GatewayChannel.CreateHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == _server.GetCertHashString();
        // Else it would go on as whoever came to this host before.
        handler.SslOptions.AllowTlsResume = false;
        handler.SslOptions.ClientCertificates = certificate is null ? [] : [certificate];
        return GrpcChannel.ForAddress(_gateway.Address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    private async Task<Speaker> OpenAsync(X509Certificate2? certificate) =>
        await Speaker.OpenAsync(new SpeechService.SpeechServiceClient(Connect(certificate)));

    private async Task<ErrorReason> RefusalAsync(X509Certificate2? certificate)
    {
        var fault = await Assert.ThrowsAsync<RpcException>(() => OpenAsync(certificate));
        Assert.True(RpcErrors.TryRead(fault, out var failure), fault.Message);
        return failure.Reason;
    }
}
