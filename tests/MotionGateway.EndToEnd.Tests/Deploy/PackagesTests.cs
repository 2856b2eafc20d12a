using System.Text.RegularExpressions;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>What is published works where nothing of the repository is. docs/packages.md has the libraries and the tool.</summary>
[Collection(nameof(SharedServices))]
[Trait("Category", "EndToEnd")]
public sealed partial class PackagesTests(PackedRelease release) : IDisposable
{
    private static readonly string[] FreePorts =
        ["--gateway-url", "http://127.0.0.1:0", "--relay-url", "http://127.0.0.1:0", "--motion-server-url", "http://127.0.0.1:0"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-empty-");

    [Fact]
    public async Task Pack_Output_HasChecksumsOfAllThatIsThere()
    {
        await release.MakeAsync();
        var lines = await ChildProcess.RunAsync("sha256sum", ["--check", "--strict", "SHA256SUMS"], release.Directory);

        Assert.Equal(Directory.GetFiles(release.Directory).Length - 1, lines.Count);
        Assert.Equal(
            ["MotionGateway.LocalMotionServer", "MotionGateway.Messages", "MotionGateway.MotionServer", "MotionGateway.OggOpus", "motiongateway"],
            Directory.GetFiles(release.Directory, "*.nupkg").Select(file => PackageVersion().Replace(Path.GetFileName(file), "")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SelfContained_InEmptyDirectory_RunsTheDemoWithItsPage()
    {
        string program = Path.Combine(await release.UnpackAsync("-linux-x64", _directory.FullName), "motiongateway");
        await using var demo = ChildProcess.Start(program, ["demo", "--once", "--json", .. FreePorts], _directory.FullName, NoDotnet);
        var relay = new Uri(RelayUrl().Match(await demo.WaitForLineAsync(RelayUrl().IsMatch)).Groups["url"].Value);
        using var http = new HttpClient();
        string page = await http.GetStringAsync(relay);
        var scripts = Script().Matches(page).Select(match => match.Groups["path"].Value).ToList();

        Assert.NotEmpty(scripts);
        foreach (string script in scripts)
        {
            Assert.NotEmpty(await http.GetStringAsync(new Uri(relay, script)));
        }

        Assert.True(await demo.WaitAsync(Executable.Limit) == 0, demo.ToString());
        Assert.True(Executable.Result(demo).GetProperty("keyframes").GetInt32() > 0, demo.ToString());
    }

    [Fact]
    public async Task Portable_InEmptyDirectory_DescribesItsSettings()
    {
        string directory = await release.UnpackAsync("", _directory.FullName);
        var sample = await ChildProcess.RunAsync("dotnet", [Path.Combine(directory, "motiongateway.dll"), "config", "sample", "gateway"], _directory.FullName);

        Assert.Contains(sample, line => line.Contains("Addresses to listen on", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(directory, "page", "index.html")));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    // It brings its own runtime.
    private static Dictionary<string, string> NoDotnet => new() { ["PATH"] = "/nowhere", ["DOTNET_ROOT"] = "/nowhere" };

    [GeneratedRegex(@"relay (?<url>http://\S+)")]
    private static partial Regex RelayUrl();

    [GeneratedRegex("<script[^>]* src=\"(?<path>[^\"]+)\"")]
    private static partial Regex Script();

    [GeneratedRegex(@"\.\d.*$")]
    private static partial Regex PackageVersion();
}
