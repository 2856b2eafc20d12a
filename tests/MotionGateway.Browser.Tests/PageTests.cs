using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.Browser.Tests;

/// <summary>The page of the built executable in Chromium, and the web client against it; the scripts are in clients/web/tests.</summary>
[Trait("Category", "Browser")]
public sealed class PageTests(ITestOutputHelper output) : ScriptedTests(output)
{
    [RequiresToolFact(Chromium, ChromiumRemedy)]
    public async Task Page_OfTheDemo_ShowsWhatIsHeard()
    {
        await using var demo = await DemoProcess.StartAsync();
        string pictures = RepositoryRoot.PathTo("artifacts", "page");

        await CheckAsync("tests/browser/page-check.mjs", demo.PageUrl, pictures);

        Assert.All(
            ["first", "speaking", "talking", "side-by-side", "bad-token", "idle", "phone", "dark"], name => Assert.True(File.Exists(Path.Combine(pictures, $"{name}.png")), name));
    }

    [RequiresToolFact(Chromium, ChromiumRemedy)]
    public async Task Page_RelayKilledInMidTurn_FinishesTheTurn()
    {
        await using var demo = await DemoProcess.StartAsync("--realtime");

        await CheckAsync("tests/browser/restart-check.mjs", [demo.PageUrl, .. demo.RelayCommand]);
    }

    [RequiresToolFact(Chromium, ChromiumRemedy)]
    public async Task Page_OfARelayWithTls_IsFedByAWebSocketOverHttp2()
    {
        using var authority = new TestAuthority();
        var files = authority.IssueServer();
        await using var demo = await DemoProcess.StartAsync();
        await using var relay = ChildProcess.Start(
            demo.RelayCommand[0],
            [.. demo.RelayCommand[1..], "--urls", "https://127.0.0.1:0", "--set", $"Relay:Tls:CertificateFile={files.Certificate}", "--set", $"Relay:Tls:KeyFile={files.Key}"],
            Path.GetTempPath());
        string listening = await relay.WaitForLineAsync(line => line.StartsWith("listening on ", StringComparison.Ordinal));

        await CheckAsync("tests/browser/tls-check.mjs", demo.PageUrl, listening["listening on ".Length..]);
    }

    [RequiresToolFact(Chromium, ChromiumRemedy)]
    public Task Player_OggOpusInChromium_LiesOnTheTimelineToTheSample() => CheckAsync("tests/browser/opus-check.mjs");

    [RequiresToolFact(BuiltClient, BuiltClientRemedy)]
    public async Task AttachAvatarKit_LateJoinRecoveryAndInterrupt_DropsNothing()
    {
        await using var demo = await DemoProcess.StartAsync("--realtime");

        await CheckAsync("tests/relay/avatarkit-check.mjs", [demo.PageUrl, .. demo.RelayCommand]);
    }

    [RequiresToolFact(Chromium, ChromiumRemedy)]
    [Trait("Category", "Long")]
    public async Task Page_TwentyMinutesOfTurns_StaysFlatAndTogether()
    {
        await using var demo = await DemoProcess.StartAsync();

        await CheckAsync("tests/browser/soak.mjs", TimeSpan.FromMinutes(25), demo.PageUrl, "20");
    }
}
