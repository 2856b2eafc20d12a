using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.Browser.Tests;

/// <summary>The page of the built executable in Chromium, and the web client against it; the scripts are in clients/web/tests.</summary>
[Trait("Category", "Browser")]
public sealed class PageTests(ITestOutputHelper output)
{
    private const string Chromium = "/usr/bin/chromium";
    private const string ChromiumRemedy = "apt-get install chromium nodejs npm, then build again";
    private const string BuiltClient = "clients/web/dist/page/index.html";
    private const string BuiltClientRemedy = "install Node 20 or newer with npm, then build again";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly string WebClient = RepositoryRoot.PathTo("clients", "web");

    [RequiresToolFact(Chromium, ChromiumRemedy)]
    public async Task Page_OfTheDemo_ShowsWhatIsHeard()
    {
        await using var demo = await DemoProcess.StartAsync();
        string pictures = RepositoryRoot.PathTo("artifacts", "page");

        await CheckAsync("tests/browser/page-check.mjs", demo.PageUrl, pictures);

        Assert.All(
            ["speaking", "idle", "phone", "dark"], name => Assert.True(File.Exists(Path.Combine(pictures, $"{name}.png")), name));
    }

    [RequiresToolFact(Chromium, ChromiumRemedy)]
    public async Task Page_RelayKilledInMidTurn_FinishesTheTurn()
    {
        await using var demo = await DemoProcess.StartAsync("--realtime");

        await CheckAsync("tests/browser/restart-check.mjs", [demo.PageUrl, .. demo.RelayCommand]);
    }

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

    private Task CheckAsync(string script, params string[] arguments) => CheckAsync(script, Limit, arguments);

    private async Task CheckAsync(string script, TimeSpan limit, params string[] arguments)
    {
        Assert.True(File.Exists(RepositoryRoot.PathTo(BuiltClient)), $"The page is not built: {BuiltClientRemedy}.");
        foreach (string line in await ChildProcess.RunAsync("node", [script, .. arguments], WebClient, limit: limit))
        {
            output.WriteLine(line);
        }
    }
}
