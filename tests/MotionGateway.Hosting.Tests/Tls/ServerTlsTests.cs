using System.Diagnostics.Metrics;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;

namespace MotionGateway.Hosting.Tests.Tls;

public sealed class ServerTlsTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new();

    private ClientTlsOptions Client => new() { CaFile = _authority.RootFile };

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Handshake_ClientThatKnowsTheRootOnly_IsShownTheIssuersToo()
    {
        var files = _authority.IssueServer();
        await using var server = await TlsServer.StartAsync(ToOptions(files));

        Assert.Equal("nobody", await server.AskAsync(Client));
        var shown = await server.ShownAsync();
        Assert.Equal(files.SerialNumber, shown[0]);
        Assert.Contains("CN=Test issuer", shown);
    }

    [Fact]
    public async Task Handshake_ClientOfAnotherAuthority_Fails()
    {
        await using var server = await TlsServer.StartAsync(ToOptions(_authority.IssueServer()));

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => server.AskAsync(new ClientTlsOptions { CaFile = _other.RootFile }));

        Assert.IsType<AuthenticationException>(failure.InnerException);
    }

    [Theory]
    [InlineData(false, "nobody")]
    [InlineData(true, null)]
    public async Task Handshake_ClientWithoutACertificate_IsLetInWhereNoneIsRequired(bool isRequired, string? answer)
    {
        var options = ToOptions(_authority.IssueServer());
        (options.ClientCaFile, options.RequireClientCertificate) = (_other.RootFile, isRequired);
        await using var server = await TlsServer.StartAsync(options);

        await AssertAnswerAsync(server, Client, answer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Handshake_ClientsCertificate_HasToBeOfTheClientsAuthority(bool isRequired)
    {
        var options = ToOptions(_authority.IssueServer());
        (options.ClientCaFile, options.RequireClientCertificate) = (_other.RootFile, isRequired);
        await using var server = await TlsServer.StartAsync(options);
        var (right, wrong) = (_other.IssueClient("anna"), _authority.IssueClient("mallory"));

        await AssertAnswerAsync(server, new ClientTlsOptions { CaFile = _authority.RootFile, CertificateFile = right.Certificate, KeyFile = right.Key }, "CN=anna");
        await AssertAnswerAsync(server, new ClientTlsOptions { CaFile = _authority.RootFile, CertificateFile = wrong.Certificate, KeyFile = wrong.Key }, answer: null);
    }

    [Fact]
    public async Task Handshake_AfterTheFilesWereReplaced_ShowsTheNewCertificateAndBelievesTheNewAuthority()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var files = _authority.IssueServer();
        var options = ToOptions(files);
        options.ClientCaFile = _authority.PathTo("clients.pem");
        File.Copy(_authority.RootFile, options.ClientCaFile);
        await using var server = await TlsServer.StartAsync(options, time);
        var anna = _other.IssueClient("anna");
        var client = new ClientTlsOptions { CaFile = _authority.RootFile, CertificateFile = anna.Certificate, KeyFile = anna.Key };
        await AssertAnswerAsync(server, client, answer: null);

        var renewed = _authority.IssueServer();
        files.ReplaceBy(renewed);
        File.Copy(_other.RootFile, options.ClientCaFile, overwrite: true);
        time.Advance(Reloaded<object>.Interval);

        await AssertAnswerAsync(server, client, "CN=anna");
        Assert.Equal(renewed.SerialNumber, (await server.ShownAsync())[0]);
        Assert.Contains(server.Log.Entries, entry => entry.Message.StartsWith("Test:Tls was read again", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public async Task Handshake_AfterAFileWasBroken_GoesOnWithWhatWasReadAndTellsIt(string broken)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var files = _authority.IssueServer();
        await using var server = await TlsServer.StartAsync(ToOptions(files), time);
        server.Log.Expect(entry => entry.Message.StartsWith("Test:Tls has changed and cannot be used", StringComparison.Ordinal));

        File.WriteAllText(files.Certificate, broken);
        time.Advance(Reloaded<object>.Interval);

        Assert.Equal("nobody", await server.AskAsync(Client));
        var told = Assert.Single(server.Log.Entries, entry => entry.Level == LogLevel.Error);
        Assert.Contains($"CertificateFile: {files.Certificate} holds no certificate", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_ThatEndsSoon_IsToldOnceADayAndByTheGauge()
    {
        var time = new TimeWithoutLooks();
        var end = time.GetUtcNow() + TimeSpan.FromDays(15.5);
        await using var server = await TlsServer.StartAsync(ToOptions(_authority.IssueServer(end: end)), time);
        time.Advance(TimeSpan.Zero);
        Assert.Empty(Warnings(server));
        Assert.InRange(Measure(server), (15.5 * 86_400) - 2, 15.5 * 86_400);

        time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(Warnings(server));
        time.Advance(TimeSpan.FromDays(1));
        time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(2, Warnings(server).Count);
        Assert.All(Warnings(server), text => Assert.Contains($"{end:u}", text, StringComparison.Ordinal));
        Assert.InRange(Measure(server), (12.5 * 86_400) - 2, 12.5 * 86_400);
    }

    private static TlsOptions ToOptions(CertificateFiles files) => new() { CertificateFile = files.Certificate, KeyFile = files.Key };

    private static List<string> Warnings(TlsServer server) =>
        [.. server.Log.Entries.Where(entry => entry.Level == LogLevel.Warning).Select(entry => entry.Message)];

    private static async Task AssertAnswerAsync(TlsServer server, ClientTlsOptions client, string? answer)
    {
        if (answer is null)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => server.AskAsync(client));
        }
        else
        {
            Assert.Equal(answer, await server.AskAsync(client));
        }
    }

    // A day holds more looks at files than a test has time for.
    private sealed class TimeWithoutLooks() : FakeTimeProvider(DateTimeOffset.UtcNow)
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            period == Reloaded<object>.Interval
                ? base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan)
                : base.CreateTimer(callback, state, dueTime, period);
    }

    private static double Measure(TlsServer server)
    {
        double measured = double.NaN;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == server.Meters && instrument is { Name: "motiongateway.tls.certificate.remaining", Unit: "s" })
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => measured = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }
}
