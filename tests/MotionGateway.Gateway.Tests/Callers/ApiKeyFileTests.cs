namespace MotionGateway.Gateway.Tests;

public sealed class ApiKeyFileTests : IDisposable
{
    private const string Hash = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-keys-");

    private string FilePath => Path.Combine(_directory.FullName, "callers.jsonl");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Add_ThenRead_GivesAllThatWasAdded_AndNothingOfTheKey()
    {
        var (key, hash) = ApiKey.Create("agent");
        var expires = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var entry = new ApiKeyEntry
        {
            Id = "agent",
            Hash = hash,
            Scopes = ["speak", "issue-tokens"],
            Apps = ["one"],
            Limits = new CallerLimits { MaxSessions = 3, OpensPerSecond = 0.5 },
            Expires = expires,
        };
        ApiKeyFile.Add(FilePath, entry);

        var read = Assert.Single(ApiKeyFile.Read(FilePath));
        Assert.Equal(
            ("agent", hash, "speak issue-tokens", "one", entry.Limits, expires),
            (read.Id, read.Hash, string.Join(' ', read.Scopes), string.Join(' ', read.Apps!), read.Limits, read.Expires));
        Assert.DoesNotContain(key["mgk_agent_".Length..], File.ReadAllText(FilePath), StringComparison.Ordinal);
    }

    [Fact]
    public void Add_OfANameThatIsThere_FailsAndChangesNothing()
    {
        ApiKeyFile.Add(FilePath, new ApiKeyEntry { Id = "agent", Hash = Hash, Scopes = ["read"] });
        string before = File.ReadAllText(FilePath);

        Assert.Throws<InvalidDataException>(() => ApiKeyFile.Add(FilePath, new ApiKeyEntry { Id = "agent", Hash = Hash, Scopes = ["speak"] }));
        Assert.Equal(before, File.ReadAllText(FilePath));
        Assert.Equal([FilePath], Directory.GetFiles(_directory.FullName));
    }

    [Fact]
    public async Task Add_WhileSomebodyReads_DisturbsNobody()
    {
        ApiKeyFile.Add(FilePath, new ApiKeyEntry { Id = "first", Hash = Hash, Scopes = ["read"] });
        var adding = Task.Run(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                ApiKeyFile.Add(FilePath, new ApiKeyEntry { Id = $"key-{i}", Hash = Hash, Scopes = ["read"] });
            }
        });
        int most = 0;
        while (!adding.IsCompleted)
        {
            int count = ApiKeyFile.Read(FilePath).Count;
            Assert.True(count >= most, $"{count} keys after {most}");
            most = count;
        }

        await adding;
        Assert.Equal(51, ApiKeyFile.Read(FilePath).Count);
        Assert.Equal([FilePath], Directory.GetFiles(_directory.FullName));
    }

    [Fact]
    public void Remove_TakesOneOutAndLeavesTheOthersAndTheFilesMode()
    {
        ApiKeyFile.Add(FilePath, new ApiKeyEntry { Id = "one", Hash = Hash, Scopes = ["read"] });
        ApiKeyFile.Add(FilePath, new ApiKeyEntry { Id = "two", Hash = Hash, Scopes = ["read"] });
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(FilePath, mode);
        }

        ApiKeyFile.Remove(FilePath, "one");

        Assert.Equal(["two"], ApiKeyFile.Read(FilePath).Select(entry => entry.Id));
        Assert.Throws<InvalidDataException>(() => ApiKeyFile.Remove(FilePath, "one"));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(FilePath) == mode);
    }

    [Theory]
    [InlineData("nonsense", "is no API key")]
    [InlineData("null", "null")]
    [InlineData("""{"id":"a","hash":"HASH"}""", "is no API key")]
    [InlineData("""{"id":"a","hash":"HASH","scopes":null}""", "is no API key")]
    [InlineData("""{"id":"a","hash":"HASH","scopes":["read"],"app":["one"]}""", "is no API key")]
    [InlineData("""{"id":"a_b","hash":"HASH","scopes":["read"]}""", "id has")]
    [InlineData("""{"id":"a","hash":"sha256:00","scopes":["read"]}""", "hash is")]
    [InlineData("""{"id":"a","hash":"HASH","scopes":[]}""", "scopes: name")]
    [InlineData("""{"id":"a","hash":"HASH","scopes":["raed"]}""", "'raed' is no scope")]
    [InlineData("""{"id":"a","hash":"HASH","scopes":[null]}""", "is no scope")]
    [InlineData("""{"id":"a","hash":"HASH","scopes":["read"],"apps":[]}""", "apps names none")]
    [InlineData("""{"id":"a","hash":"HASH","scopes":["read"],"limits":{"maxSessions":0}}""", "limits: MaxSessions")]
    [InlineData("""{"id":"known","hash":"HASH","scopes":["read"]}""", "there is a key 'known' above")]
    public void Read_OfALineThatIsWrong_NamesItAndSaysWhy(string line, string why)
    {
        ApiKeyFile.Add(FilePath, new ApiKeyEntry { Id = "known", Hash = Hash, Scopes = ["read"] });
        File.AppendAllText(FilePath, $"\n{line.Replace("HASH", Hash, StringComparison.Ordinal)}\n");

        string problem = Assert.Throws<InvalidDataException>(() => ApiKeyFile.Read(FilePath)).Message;

        Assert.Contains("line 3", problem, StringComparison.Ordinal);
        Assert.Contains(why, problem, StringComparison.Ordinal);
    }
}
