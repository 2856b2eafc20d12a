using System.Text.Json;
using MotionGateway.Cli.Tests.Configuration;
using MotionGateway.Gateway;

namespace MotionGateway.Cli.Tests.Commands;

[Collection(nameof(ProcessEnvironment))]
public sealed class KeysCommandTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-keys-");

    private string KeysPath => Path.Combine(_directory.FullName, "callers.jsonl");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Create_PrintsTheKeyAloneAndKeepsItsHash()
    {
        var (exitCode, output, errors) = await CreateAsync("agent", "--scope", "speak", "--scope", "read", "--app", "one", "--expires", "90d", "--max-sessions", "5");

        var entry = Assert.Single(ApiKeyFile.Read(KeysPath));
        Assert.Equal(0, exitCode);
        Assert.Matches("^mgk_agent_[A-Za-z0-9_-]{43}\n$", output.ReplaceLineEndings("\n"));
        Assert.Equal(["speak", "read"], entry.Scopes);
        Assert.Equal(["one"], entry.Apps);
        Assert.Equal(new CallerLimits { MaxSessions = 5 }, entry.Limits);
        Assert.Equal(DateTimeOffset.UtcNow.AddDays(90), entry.Expires!.Value, TimeSpan.FromMinutes(5));
        Assert.DoesNotContain(output.Trim()[^43..], await File.ReadAllTextAsync(KeysPath) + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_Json_IsOneObjectWithTheKey()
    {
        var (_, output, _) = await CreateAsync("relay", "--scope", "read", "--json");

        using var json = JsonDocument.Parse(output);
        Assert.StartsWith("mgk_relay_", json.RootElement.GetProperty("key").GetString(), StringComparison.Ordinal);
        Assert.Equal("relay", json.RootElement.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(ExitCode.Usage, "--scope", "raed")]
    [InlineData(ExitCode.Usage, "--scope", "read", "--expires", "soon")]
    [InlineData(ExitCode.Usage, "--scope", "read", "--expires", "0s")]
    [InlineData(ExitCode.Usage)]
    [InlineData(ExitCode.Failure, "--scope", "read", "--max-sessions", "0")]
    public async Task Create_OfWhatCannotBe_MakesNone(int expected, params string[] arguments)
    {
        var (exitCode, output, errors) = await CreateAsync("agent", arguments);

        Assert.Equal((expected, ""), (exitCode, output));
        Assert.NotEmpty(errors);
        Assert.Empty(_directory.GetFiles());
    }

    [Fact]
    public async Task Create_OfANameThatIsThere_SaysSo()
    {
        await CreateAsync("agent", "--scope", "read");

        var (exitCode, _, errors) = await CreateAsync("agent", "--scope", "read");

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Contains("has a key 'agent' already: revoke it first", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_ShowsWhatIsThere_UntilItIsRevoked()
    {
        string key = (await CreateAsync("agent", "--scope", "speak")).Output.Trim();
        await CreateAsync("relay", "--scope", "read", "--app", "one");

        var before = await MainRun.RunAsync("keys", "list", "--file", KeysPath);
        var revoked = await MainRun.RunAsync("keys", "revoke", "--file", KeysPath, "--name", "agent");
        var after = await MainRun.RunAsync("keys", "list", "--file", KeysPath, "--json");
        var again = await MainRun.RunAsync("keys", "revoke", "--file", KeysPath, "--name", "agent");

        Assert.Contains("agent", before.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(key, before.Output, StringComparison.Ordinal);
        Assert.Equal(0, revoked.ExitCode);
        using var json = JsonDocument.Parse(after.Output);
        Assert.Equal("relay", json.RootElement.GetProperty("id").GetString());
        Assert.Equal(ExitCode.Failure, again.ExitCode);
        Assert.Contains("has no key 'agent'", again.Errors, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Errors)> CreateAsync(string name, params string[] arguments) =>
        MainRun.RunAsync(["keys", "create", "--file", KeysPath, "--name", name, .. arguments]);
}
