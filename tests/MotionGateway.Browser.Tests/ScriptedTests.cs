using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.Browser.Tests;

/// <summary>Runs the scripts of clients/web/tests.</summary>
public abstract class ScriptedTests(ITestOutputHelper output)
{
    protected const string Chromium = "/usr/bin/chromium";
    protected const string ChromiumRemedy = "apt-get install chromium nodejs npm, then build again";
    protected const string BuiltClient = "clients/web/dist/page/index.html";
    protected const string BuiltClientRemedy = "install Node 20 or newer with npm, then build again";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly string WebClient = RepositoryRoot.PathTo("clients", "web");

    protected ITestOutputHelper Output => output;

    protected Task CheckAsync(string script, params string[] arguments) => CheckAsync(script, Limit, arguments);

    protected async Task CheckAsync(string script, TimeSpan limit, params string[] arguments)
    {
        Assert.True(File.Exists(RepositoryRoot.PathTo(BuiltClient)), $"The page is not built: {BuiltClientRemedy}.");
        foreach (string line in await ChildProcess.RunAsync("node", [script, .. arguments], WebClient, limit: limit))
        {
            output.WriteLine(line);
        }
    }
}
