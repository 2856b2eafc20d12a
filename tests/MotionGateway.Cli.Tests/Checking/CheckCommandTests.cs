using MotionGateway.Cli.Tests.Configuration;
using MotionGateway.Hosting;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Checking;

/// <summary><c>check</c> at a deployment with which all is well, and at those with which it is not.</summary>
[Collection(nameof(ProcessEnvironment))]
[Trait("Category", "EndToEnd")]
public sealed class CheckCommandTests(TestDeployment good) : IClassFixture<TestDeployment>, IDisposable
{
    private const string Mute = "fault-no-answer";

    private static readonly string[] OfASession = ["session", "viewer", "tone", "tone at the viewer", "close"];

    private readonly TestAuthority _authority = new();
    private readonly HeldPort _nobody = HeldPort.Take();

    public void Dispose()
    {
        _authority.Dispose();
        _nobody.Dispose();
    }

    [Fact]
    public async Task Check_AllIsWell_SucceedsWithALineForEachStep()
    {
        var run = await CheckRun.RunAsync(good.Gateway, good.Relay);

        Assert.Equal((ExitCode.Ok, true, 0), (run.ExitCode, run.Sum.Ok, run.Sum.Failed));
        Assert.Equal(["gateway certificate", "relay certificate"], run.Lines.Where(line => line.Outcome != "ok").Select(line => line.Check));
        Assert.Equal(OfASession, run.Lines.TakeLast(OfASession.Length).Select(line => line.Check));
        Assert.Matches("first audio after \\d+ ms, first motion after \\d+ ms", run["tone"].Detail);
    }

    [Fact]
    public async Task Check_AllIsWellWithTls_TellsHowLongTheCertificateIsGood()
    {
        var gateway = await StartGatewayAsync(_authority.IssueServer(end: DateTimeOffset.UtcNow.AddDays(100.5)));

        var run = await CheckRun.RunAsync(gateway, null, "--cacert", _authority.RootFile);

        Assert.True(run.Sum.Ok, run["gateway certificate"].Detail);
        Assert.Equal("ok", run["gateway certificate"].Outcome);
        Assert.EndsWith("100 days", run["gateway certificate"].Detail, StringComparison.Ordinal);
        Assert.Equal("ok", run["tone"].Outcome);
    }

    [Fact]
    public async Task Check_CertificateThatSoonEnds_Warns()
    {
        var gateway = await StartGatewayAsync(_authority.IssueServer(end: DateTimeOffset.UtcNow.AddDays(5.5)));

        var run = await CheckRun.RunAsync(gateway, null, "--cacert", _authority.RootFile);

        Assert.Equal((ExitCode.Ok, 1, "warning"), (run.ExitCode, run.Sum.Warnings, run["gateway certificate"].Outcome));
        Assert.EndsWith("5 days", run["gateway certificate"].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_NoGateway_SaysThatNothingListensAndGoesOnAtTheRelay()
    {
        var run = await CheckRun.RunAsync(new Uri(_nobody.Url), good.Relay);

        run.AssertFailed("gateway address");
        AssertTold(run["gateway address"], "Nothing listens at 127.0.0.1:", "--gateway");
        Assert.Equal("ok", run["relay health"].Outcome);
        Assert.All(OfASession, check => Assert.Equal("skipped", run[check].Outcome));
    }

    [Fact]
    public async Task Check_NoRelay_SaysThatNothingListensAndGoesOnAtTheGateway()
    {
        var run = await CheckRun.RunAsync(good.Gateway, new Uri(_nobody.Url));

        run.AssertFailed("relay address");
        AssertTold(run["relay address"], "Nothing listens at 127.0.0.1:", "--relay");
        Assert.Equal(("skipped", "ok"), (run["viewer"].Outcome, run["tone"].Outcome));
    }

    [Fact]
    public async Task Check_RelayWithoutItsGateway_SaysThatItCannotReachIt()
    {
        var relay = await good.StartRelayAsync(new Uri(_nobody.Url));

        var run = await CheckRun.RunAsync(good.Gateway, relay);

        run.AssertFailed("relay health");
        AssertTold(run["relay health"], "The relay cannot reach its gateway.", "Relay:GatewayAddress");
        Assert.Equal("ok", run["tone"].Outcome);
    }

    [Fact]
    public async Task Check_RelayOfAnotherGateway_SaysThatItDoesNotKnowThisOnes()
    {
        var relay = await good.StartRelayAsync(await good.StartGatewayAsync(_ => { }));

        var run = await CheckRun.RunAsync(good.Gateway, relay);

        run.AssertFailed("viewer");
        AssertTold(run["viewer"], "The relay does not know this gateway's sessions and tokens", "Relay:GatewayAddress");
        Assert.Equal("ok", run["tone"].Outcome);
    }

    [Fact]
    public async Task Check_SomethingElseAtTheRelaysAddress_SaysThatItIsNoRelay()
    {
        var run = await CheckRun.RunAsync(good.Gateway, good.MotionServer);

        run.AssertFailed("relay health");
        AssertTold(run["relay health"], "is no relay", "--relay");
    }

    [Fact]
    public async Task Check_RelayAtTheGatewaysAddress_SaysThatItIsNoGateway()
    {
        var run = await CheckRun.RunAsync(good.Relay, null);

        run.AssertFailed("gateway protocol");
        AssertTold(run["gateway protocol"], "No gateway answers at", "is it the address of a relay?");
    }

    [Fact]
    public async Task Check_HttpsToAPortOfHttp_SaysThatItDoesNotSpeakTls()
    {
        var run = await CheckRun.RunAsync(new UriBuilder(good.Gateway) { Scheme = "https" }.Uri, null);

        run.AssertFailed("gateway certificate");
        AssertTold(run["gateway certificate"], "TLS cannot be spoken with", "http://");
        Assert.Equal("skipped", run["gateway protocol"].Outcome);
    }

    [Fact]
    public async Task Check_CertificateThatHasEnded_SaysWhen()
    {
        var end = DateTimeOffset.UtcNow.AddDays(-3);
        var gateway = await good.StartHttpsAsync(_authority.IssueServer(end: end));

        var run = await CheckRun.RunAsync(gateway, null, "--cacert", _authority.RootFile);

        run.AssertFailed("gateway certificate");
        AssertTold(run["gateway certificate"], $"The gateway's certificate ended at {end:yyyy-MM-dd}", "Renew");
    }

    [Fact]
    public async Task Check_CertificateOfAnUnknownAuthority_SaysThatItIsNotTrusted()
    {
        var gateway = await StartGatewayAsync(_authority.IssueServer());

        var run = await CheckRun.RunAsync(gateway, null);

        run.AssertFailed("gateway certificate");
        AssertTold(run["gateway certificate"], "of a CA that is not trusted here", "--cacert");
    }

    [Fact]
    public async Task Check_GatewayThatWantsACertificate_NamesTheOptionsForIt()
    {
        var gateway = await StartGatewayAsync(_authority.IssueServer(), tls => (tls.ClientCaFile, tls.RequireClientCertificate) = (_authority.RootFile, true));
        var client = _authority.IssueClient();

        var without = await CheckRun.RunAsync(gateway, null, "--cacert", _authority.RootFile);
        var with = await CheckRun.RunAsync(gateway, null, "--cacert", _authority.RootFile, "--cert", client.Certificate, "--key", client.Key);

        without.AssertFailed("gateway protocol");
        AssertTold(without["gateway protocol"], "No gateway answers at", "--cert");
        Assert.True(with.Sum.Ok, string.Join('\n', with.Lines));
    }

    [Fact]
    public async Task Check_CertificateOfAnotherName_TellsBothNames()
    {
        var relay = await good.StartHttpsAsync(_authority.IssueServer(host: "relay.example"));

        var run = await CheckRun.RunAsync(good.Gateway, relay, "--cacert", _authority.RootFile);

        run.AssertFailed("relay certificate");
        AssertTold(run["relay certificate"], "for another name than 127.0.0.1: relay.example", "--relay");
    }

    [Theory]
    [InlineData(-600, "behind this machine's")]
    [InlineData(600, "ahead of this machine's")]
    public async Task Check_ClockThatIsWrong_SaysWhichIsAhead(int seconds, string difference)
    {
        var relay = await good.StartRelayOfDateAsync(DateTimeOffset.UtcNow.AddSeconds(seconds));

        var run = await CheckRun.RunAsync(new Uri(_nobody.Url), relay);

        run.AssertFailed("gateway address", "relay clock");
        AssertTold(run["relay clock"], difference, "NTP");
    }

    [Fact]
    public async Task Check_MotionServerThatRefusesTheKey_NamesTheCredentials()
    {
        var gateway = await good.StartGatewayAsync(options => options.MotionServer.ApiKey = "another-key");

        var run = await CheckRun.RunAsync(gateway, null);

        run.AssertFailed("session");
        AssertTold(run["session"], "MOTION_SERVER_SESSION_TOKEN_INVALID", "Gateway:MotionServer:AppId, ApiKey");
    }

    [Fact]
    public async Task Check_MotionServerThatCannotBeReached_NamesItsAddress()
    {
        var gateway = await good.StartGatewayAsync(options =>
        {
            options.MotionServer.ConsoleUrl = new Uri(new Uri(_nobody.Url), "/v1/console");
            options.OpenTimeout = TimeSpan.FromSeconds(2);
        });

        var run = await CheckRun.RunAsync(gateway, null);

        run.AssertFailed("session");
        AssertTold(run["session"], "MOTION_SERVER_CONNECTION_FAILED", "Gateway:MotionServer:ConsoleUrl");
    }

    [Fact]
    public async Task Check_MotionServerThatMakesNoMotion_SaysThatTheToneWasHeardWithoutIt()
    {
        var gateway = await good.StartGatewayAsync(options => options.MotionServer.MotionTimeout = TimeSpan.FromSeconds(1));

        var run = await CheckRun.RunAsync(gateway, null, "--avatar", Mute);

        run.AssertFailed("tone");
        AssertTold(run["tone"], "The tone was heard without motion", "Motion Server");
        Assert.Equal("ok", run["close"].Outcome);
    }

    [Theory]
    [InlineData("local-key", "ok")]
    [InlineData("another-key", "failed")]
    public async Task Check_MotionServerByItself_IsTriedWithTheKeyOfTheVariable(string key, string outcome)
    {
        const string Variable = "MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY";
        Environment.SetEnvironmentVariable(Variable, key);
        try
        {
            var run = await CheckRun.RunAsync(
                new Uri(_nobody.Url), null, "--app-id", "local-app", "--motion-server-console", new Uri(good.MotionServer, "/v1/console").ToString(),
                "--motion-server-ingress", new UriBuilder(good.MotionServer) { Scheme = "ws", Path = "/v2/driveningress" }.ToString());

            Assert.Equal(outcome, run["motion server"].Outcome);
            Assert.DoesNotContain(run.Lines, line => line.Detail.Contains(key, StringComparison.Ordinal));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    [Fact]
    public async Task Check_AvatarThatIsNotKnown_NamesTheOption()
    {
        var run = await CheckRun.RunAsync(good.Gateway, null, "--avatar", "missing-anna");

        run.AssertFailed("session");
        AssertTold(run["session"], "MOTION_SERVER_AVATAR_NOT_FOUND", "--avatar");
    }

    [Fact]
    public async Task Check_GatewayThatIsFull_SaysSo()
    {
        var gateway = await good.StartGatewayAsync(options => options.MaxSessions = 1);
        using var channel = Protocol.GatewayChannel.ForAddress(gateway);
        await using var only = await Cli.Speaking.Conversation.OpenAsync(
            new V1.SpeechService.SpeechServiceClient(channel), new V1.OpenSession { AvatarId = "a", AudioFormat = new V1.AudioFormat { SampleRate = 16000 } },
            TimeProvider.System, CancellationToken.None).DefaultTimeout();

        var run = await CheckRun.RunAsync(gateway, null);

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        AssertTold(run["session"], "SESSION_LIMIT", "Gateway:MaxSessions");
    }

    [Theory]
    [InlineData("--timeout", "0")]
    [InlineData("--gateway", "nonsense")]
    public async Task Check_OptionThatIsWrong_IsNamed(string option, string value)
    {
        var (exitCode, _, errors) = await Commands.MainRun.RunAsync("check", option, value);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains(option, errors, StringComparison.Ordinal);
    }

    private static void AssertTold(CheckLine line, string cause, string remedy)
    {
        Assert.Contains(cause, line.Detail, StringComparison.Ordinal);
        Assert.Contains(remedy, line.Remedy!, StringComparison.Ordinal);
    }

    private Task<Uri> StartGatewayAsync(CertificateFiles files, Action<TlsOptions>? change = null) => good.StartGatewayAsync(options =>
    {
        options.Urls = "https://127.0.0.1:0";
        options.Tls = new() { CertificateFile = files.Certificate, KeyFile = files.Key };
        change?.Invoke(options.Tls);
    });
}
