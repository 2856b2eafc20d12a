using System.Net.Security;
using System.Security.Cryptography;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.Gateway.Tests;
using MotionGateway.Hosting;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>A relay that serves TLS, and follows a gateway that lets only those in whose certificate it knows.</summary>
public sealed class TlsTests : IDisposable
{
    private const int SampleRate = 16_000;

    private readonly TestAuthority _authority = new();
    private readonly TestLoggerProvider _log = new();

    public void Dispose()
    {
        _authority.Dispose();
        _log.AssertNoErrors();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Feed_WhileEveryCertificateIsReplaced_IsWhole(bool isHttp2)
    {
        var (gatewayFiles, relayFiles, client) = (_authority.IssueServer("gateway"), _authority.IssueServer("relay"), _authority.IssueClient("relay"));
        await using var gateway = await StartGatewayAsync(gatewayFiles);
        gateway.Log.Expect(IsTornReplacement);
        _log.Expect(IsTornReplacement);
        await using var relay = await StartRelayAsync(gateway, relayFiles, ClientOf(client));
        using var channel = Open(gateway, client);
        using var speaker = await Speaker.OpenAsync(new SpeechService.SpeechServiceClient(channel));
        byte[] speech = RandomNumberGenerator.GetBytes(SampleRate);
        using var viewer = await ViewAsync(relay, speaker, isHttp2);
        await speaker.SendAudioAsync(speech, "turn");

        gatewayFiles.ReplaceBy(_authority.IssueServer("gateway"));
        relayFiles.ReplaceBy(_authority.IssueServer("relay"));
        client.ReplaceBy(_authority.IssueClient("relay"));
        await Eventually.TrueAsync(() => WasReadAgain(gateway.Log, "Gateway:Tls") && WasReadAgain(_log, "Relay:Tls") && WasReadAgain(_log, "Relay:GatewayTls"));
        await speaker.SendAudioAsync(speech, "turn", end: true);
        await viewer.ReceiveUntilAsync(response => response.Payload?.TurnEnded is not null);

        viewer.AssertContiguous();
        FeedAssert.Whole(viewer.Payloads, "turn", [.. speech, .. speech], SampleRate);
        using var another = await ViewAsync(relay, speaker, isHttp2);
    }

    [Fact]
    public async Task Readiness_RelayWithTheWrongAuthority_ComesWhenItsFileIsMended()
    {
        using var other = new TestAuthority();
        await using var gateway = await StartGatewayAsync(_authority.IssueServer("gateway"));
        var client = _authority.IssueClient("relay");
        string authorities = _authority.PathTo("authorities.pem");
        File.Copy(other.RootFile, authorities);
        var gatewayTls = ClientOf(client);
        gatewayTls.CaFile = authorities;
        await using var relay = await StartRelayAsync(gateway, _authority.IssueServer("relay"), gatewayTls);
        Assert.False(relay.Services.GetRequiredService<ViewerKeys>().HasKeys);

        File.Copy(_authority.RootFile, authorities, overwrite: true);

        await UntilReadyAsync(relay);
        Assert.Contains(_log.Entries, entry => entry.Message.Contains("certificate", StringComparison.Ordinal) && entry.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task Gateway_OfAnotherName_IsBelievedUnderThatName()
    {
        await using var gateway = await StartGatewayAsync(_authority.IssueServer("gateway", host: "gateway.internal"));
        var gatewayTls = ClientOf(_authority.IssueClient("relay"));
        gatewayTls.ServerName = "gateway.internal";
        await using var relay = await StartRelayAsync(gateway, _authority.IssueServer("relay"), gatewayTls);

        await UntilReadyAsync(relay);
    }

    [Fact]
    public void Validate_FilesThatCannotBeUsed_NamesEach()
    {
        var options = new EdgeRelayOptions
        {
            Urls = "https://127.0.0.1:0",
            Tls = new TlsOptions(),
            GatewayAddress = "http://127.0.0.1:1",
            GatewayTls = new ClientTlsOptions { CaFile = "/nowhere/ca.pem" },
        };

        var problems = options.Validate();

        Assert.Equal(3, problems.Count);
        Assert.Contains(problems, problem => problem.StartsWith("Tls:CertificateFile is empty", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("GatewayTls is set, and GatewayAddress is not https", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("GatewayTls:CaFile: ", StringComparison.Ordinal));
    }

    private Task<GatewayUnderTest> StartGatewayAsync(CertificateFiles files) => GatewayUnderTest.StartAsync(options =>
    {
        options.Urls = "https://127.0.0.1:0";
        options.Tls = new TlsOptions
        {
            CertificateFile = files.Certificate,
            KeyFile = files.Key,
            ClientCaFile = _authority.RootFile,
            RequireClientCertificate = true,
        };
    });

    private async Task<WebApplication> StartRelayAsync(GatewayUnderTest gateway, CertificateFiles files, ClientTlsOptions gatewayTls)
    {
        var relay = EdgeRelayHost.Build(
            new EdgeRelayOptions
            {
                Urls = "https://127.0.0.1:0",
                Tls = new TlsOptions { CertificateFile = files.Certificate, KeyFile = files.Key },
                GatewayAddress = gateway.Address,
                GatewayTls = gatewayTls,
                ShutdownGrace = TimeSpan.FromMilliseconds(100),
            },
            builder => builder.Logging.AddProvider(_log));
        await relay.StartAsync().DefaultTimeout();
        return relay;
    }

    private ClientTlsOptions ClientOf(CertificateFiles client) =>
        new() { CaFile = _authority.RootFile, CertificateFile = client.Certificate, KeyFile = client.Key };

    private static SslClientAuthenticationOptions ToSslOptions(ClientTlsOptions client) => ClientTls.Load(client, DateTimeOffset.UtcNow).CreateOptions();

    private GrpcChannel Open(GatewayUnderTest gateway, CertificateFiles client)
    {
        var handler = GatewayChannel.CreateHandler();
        handler.SslOptions = ToSslOptions(ClientOf(client));
        return GatewayChannel.ForAddress(new Uri(gateway.Address), handler);
    }

    // Each viewer has connections of its own.
    private async Task<TestViewer> ViewAsync(WebApplication relay, Speaker speaker, bool isHttp2)
    {
        var handler = new SocketsHttpHandler { SslOptions = ToSslOptions(new ClientTlsOptions { CaFile = _authority.RootFile }) };
        var uri = new Uri($"{relay.Urls.First().Replace("https", "wss", StringComparison.Ordinal)}/v1/sessions/{speaker.SessionId}/feed");
        var viewer = await TestViewer.ConnectAsync(uri, json: false, acknowledge: true, new HttpMessageInvoker(handler), isHttp2);
        await viewer.StartAsync(start => (start.SessionId, start.ViewerToken) = (speaker.SessionId, speaker.Opened.ViewerToken));
        await viewer.ReceiveUntilAsync(response => response.Started is not null);
        return viewer;
    }

    private async Task UntilReadyAsync(WebApplication relay)
    {
        using var handler = new SocketsHttpHandler { SslOptions = ToSslOptions(new ClientTlsOptions { CaFile = _authority.RootFile }) };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(relay.Urls.First()) };
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        while (true)
        {
            using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative), limit.Token);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(20, limit.Token);
        }
    }

    private static bool WasReadAgain(TestLoggerProvider log, string name) =>
        log.Entries.Any(entry => entry.Message.StartsWith($"{name} was read again", StringComparison.Ordinal));

    // Of a key and a certificate one is there first.
    private static bool IsTornReplacement(LogEntry entry) => entry.Message.Contains("has changed and cannot be used", StringComparison.Ordinal);
}
