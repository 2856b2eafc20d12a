using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Tests.Commands;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Configuration;

[Collection(nameof(ProcessEnvironment))]
public sealed class SettingsReferenceTests
{
    // The page is written by the code: one that was changed by hand, or not written anew, fails here.
    [Fact]
    public async Task Reference_IsWhatTheDocumentSays()
    {
        var (exitCode, page, _) = await MainRun.RunAsync("config", "reference");

        Assert.Equal(0, exitCode);
        Assert.True(
            page == await File.ReadAllTextAsync(RepositoryRoot.PathTo("docs", "settings.md")),
            "docs/settings.md is out of date. Write it anew: dotnet run --project src/MotionGateway.Cli -- config reference > docs/settings.md");
    }

    [Fact]
    public void Reference_HoldsEverySettingAndThoseOfMaps()
    {
        string page = SettingsReference.Create();

        Assert.All(ServiceSettings.AllPaths, path => Assert.Contains($"| `{path}` |", page, StringComparison.Ordinal));
        Assert.Contains("| `Gateway:Apps:<name>:MotionServer:ApiKey` | text |  | at once | The API key", page, StringComparison.Ordinal);
        Assert.Contains("| `Gateway:MaxSessions` | whole number | `1000` | at once | ", page, StringComparison.Ordinal);
        Assert.Contains("| `Gateway:Urls` | text | `http://127.0.0.1:50051` | at start | ", page, StringComparison.Ordinal);
        Assert.Contains("| `Relay:AllowedOrigins` | list |  | at once | ", page, StringComparison.Ordinal);
    }
}
