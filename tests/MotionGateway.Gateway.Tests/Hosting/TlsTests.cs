using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;
using MotionGateway.Hosting;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests.Hosting;

public sealed class TlsTests : IDisposable
{
    private const int SampleRate = 16_000;
    private const int Connections = 5;
    private const int SessionsOfEach = 10;

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Speak_FiftySessionsWhileTheCertificateIsReplacedAndBroken_LosesNothing()
    {
        var files = _authority.IssueServer();
        await using var gateway = await StartAsync(files);
        gateway.Log.Expect(entry => entry.Message.StartsWith("Gateway:Tls has changed and cannot be used", StringComparison.Ordinal));
        var channels = Enumerable.Range(0, Connections).Select(_ => Open(gateway)).ToList();
        var speakers = await Task.WhenAll(channels.SelectMany(
            channel => Enumerable.Repeat(channel, SessionsOfEach), (channel, _) => Speaker.OpenAsync(new SpeechService.SpeechServiceClient(channel))));
        byte[] speech = Speech.Create(SampleRate, SampleRate / 2);
        await Task.WhenAll(speakers.Select(speaker => speaker.SendAudioAsync(speech, "turn")));

        var renewed = _authority.IssueServer();
        files.ReplaceBy(renewed);
        await Eventually.TrueAsync(() => gateway.Log.Entries.Any(entry => entry.Message.StartsWith("Gateway:Tls was read again", StringComparison.Ordinal)));
        string shownAfterwards = await ShownAsync(gateway);
        await File.WriteAllTextAsync(files.Key, "");
        await Eventually.TrueAsync(() => gateway.Log.Entries.Any(entry => entry.Message.Contains("KeyFile: ", StringComparison.Ordinal)));
        using var later = Open(gateway);
        using var last = await Speaker.OpenAsync(new SpeechService.SpeechServiceClient(later));

        await Task.WhenAll(speakers.Select(speaker => speaker.SendAudioAsync(speech, "turn", end: true)));
        await last.SendAudioAsync([.. speech, .. speech], "turn", end: true);
        foreach (var speaker in speakers.Append(last))
        {
            await speaker.TurnEndedAsync("turn");
            FeedAssert.Whole(speaker.Received.Payloads(), "turn", [.. speech, .. speech], SampleRate);
            speaker.Dispose();
        }

        channels.ForEach(channel => channel.Dispose());
        Assert.Equal(renewed.SerialNumber, shownAfterwards);
        Assert.Equal(renewed.SerialNumber, await ShownAsync(gateway));
    }

    [Fact]
    public async Task Call_OfAClientThatRequiresTls13_IsServedWhereOnlyThatIsSpoken()
    {
        await using var gateway = await StartAsync(_authority.IssueServer(), tls => tls.MinimumVersion = TlsVersion.Tls13);

        await HandshakeAsync(gateway, SslProtocols.Tls13, SslApplicationProtocol.Http2);
        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(gateway, SslProtocols.Tls12, SslApplicationProtocol.Http2));
    }

    [Fact]
    public async Task Handshake_ClientOfHttp1_IsRefusedThere()
    {
        await using var gateway = await StartAsync(_authority.IssueServer());

        await HandshakeAsync(gateway, SslProtocols.None, SslApplicationProtocol.Http2);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(gateway, SslProtocols.None, SslApplicationProtocol.Http11));

        Assert.Contains("application protocol", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://0.0.0.0:0", true)]
    [InlineData("https://127.0.0.1:0;http://0.0.0.0:0", false)]
    public async Task Build_BeyondLoopback_TakesWhereClientsShowCertificates(string urls, bool isTaken)
    {
        var server = _authority.IssueServer();
        var starting = GatewayUnderTest.StartAsync(options =>
        {
            options.Urls = urls;
            options.Tls = new TlsOptions
            {
                CertificateFile = server.Certificate,
                KeyFile = server.Key,
                ClientCaFile = _authority.RootFile,
                RequireClientCertificate = true,
            };
        });

        if (isTaken)
        {
            await using var gateway = await starting;
        }
        else
        {
            var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => starting);
            Assert.Contains("'http://0.0.0.0:0' is reachable from other machines", Assert.Single(failure.Failures), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Call_OfAClientWithoutACertificate_FailsWhereOneIsRequired()
    {
        await using var gateway = await StartAsync(
            _authority.IssueServer(), tls => (tls.ClientCaFile, tls.RequireClientCertificate) = (_authority.RootFile, true));
        using var nobody = Open(gateway);
        var client = _authority.IssueClient();
        using var somebody = Open(gateway, new ClientTlsOptions { CertificateFile = client.Certificate, KeyFile = client.Key });

        await Assert.ThrowsAsync<RpcException>(async () => await ListAsync(nobody));
        Assert.Empty((await ListAsync(somebody)).Sessions);
    }

    private static Task<GatewayUnderTest> StartAsync(CertificateFiles files, Action<TlsOptions>? configure = null) => GatewayUnderTest.StartAsync(options =>
    {
        options.Urls = "https://127.0.0.1:0";
        options.Tls = new TlsOptions { CertificateFile = files.Certificate, KeyFile = files.Key };
        configure?.Invoke(options.Tls);
    });

    private static Task<ListSessionsResponse> ListAsync(GrpcChannel channel) =>
        new SessionService.SessionServiceClient(channel).ListSessionsAsync(new ListSessionsRequest()).ResponseAsync.DefaultTimeout();

    private GrpcChannel Open(GatewayUnderTest gateway, ClientTlsOptions? client = null)
    {
        client ??= new ClientTlsOptions();
        client.CaFile = _authority.RootFile;
        var handler = GatewayChannel.CreateHandler();
        handler.SslOptions = ClientTls.Load(client, DateTimeOffset.UtcNow).CreateOptions();
        return GatewayChannel.ForAddress(new Uri(gateway.Address), handler);
    }

    private Task<string> ShownAsync(GatewayUnderTest gateway) => HandshakeAsync(gateway, SslProtocols.None, SslApplicationProtocol.Http2);

    private async Task<string> HandshakeAsync(GatewayUnderTest gateway, SslProtocols version, SslApplicationProtocol protocol)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(gateway.Address).Port).DefaultTimeout();
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false);
        var options = ClientTls.Load(new ClientTlsOptions { CaFile = _authority.RootFile }, DateTimeOffset.UtcNow).CreateOptions("localhost");
        options.EnabledSslProtocols = version;
        options.ApplicationProtocols = [protocol];
        await stream.AuthenticateAsClientAsync(options).DefaultTimeout();
        Assert.Equal(protocol, stream.NegotiatedApplicationProtocol);
        return ((X509Certificate2)stream.RemoteCertificate!).SerialNumber;
    }
}
