using System.Globalization;
using System.Runtime.InteropServices;

namespace MotionGateway.Cli.Tests.Commands;

/// <summary>What a service refuses when it is started, and what it leaves alone.</summary>
[Trait("Category", "EndToEnd")]
public sealed class ServiceStartTests : IDisposable
{
    private static readonly (string, string?) Development = ("DOTNET_ENVIRONMENT", "Development");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-start-");

    [Theory]
    [InlineData("gateway", "Gateway:Urls")]
    [InlineData("relay", "Relay:Urls")]
    [InlineData("motion-server", "MotionServer:Urls")]
    public async Task Https_IsRefusedWithTheSettingAndTheRemedy(string command, string setting) => await AssertRefusedAsync(
        [command, "--urls", "https://127.0.0.1:0"], setting, "a proxy that does TLS in front of it");

    [Fact]
    public async Task Gateway_WrongKeyFile_IsRefused()
    {
        string file = Path.Combine(_directory.FullName, "key.pem");
        await File.WriteAllTextAsync(file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");

        await AssertRefusedAsync(
            ["gateway", "--urls", "http://127.0.0.1:0", "--viewer-token-key-file", file], "Gateway:ViewerTokenKeyFile", "EC P-256 private key");
    }

    [Fact]
    public async Task Gateway_KeyFileThatCannotBeMade_IsRefused() => await AssertRefusedAsync(
        ["gateway", "--urls", "http://127.0.0.1:0", "--viewer-token-key-file", "/proc/none/key.pem"], "Gateway:ViewerTokenKeyFile", "/proc/none");

    [Fact]
    public async Task Relay_PageThatIsNotThere_IsRefused() => await AssertRefusedAsync(
        ["relay", "--urls", "http://127.0.0.1:0", "--page", "/nonexistent"], "Relay:PageDirectory", "/nonexistent");

    // What the .NET hosts read by themselves would open further addresses, without the check of who may call there.
    [Theory]
    [InlineData("gateway")]
    [InlineData("relay")]
    [InlineData("motion-server")]
    public async Task Start_SettingsOfTheFramework_OpenNoAddressAndNoWatch(string command)
    {
        await File.WriteAllTextAsync(
            Path.Combine(_directory.FullName, "appsettings.json"), """{ "Kestrel": { "Endpoints": { "File": { "Url": "http://127.0.0.1:0" } } } }""");

        await using var service = CliProcess.StartIn(
            _directory.FullName, [command, "--urls", "http://127.0.0.1:0"], Development,
            ("Kestrel__Endpoints__Variable__Url", "http://127.0.0.1:0"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        var url = new Uri(await service.ReadUrlAsync());

        string[] descriptors = Descriptors(service.Id);
        Assert.Equal([url.Port], ListeningPorts(descriptors));
        Assert.DoesNotContain(descriptors, descriptor => descriptor.Contains("inotify", StringComparison.Ordinal));

        service.Signal(PosixSignal.SIGTERM);
        Assert.Equal(ExitCode.Ok, await service.WaitForExitAsync());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static async Task AssertRefusedAsync(string[] arguments, params string[] told)
    {
        var (exitCode, output, errors) = await CliProcess.RunAsync(arguments, Development);

        Assert.Equal((ExitCode.Usage, ""), (exitCode, output));
        Assert.All(told, text => Assert.Contains(text, errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private static string[] Descriptors(int processId) =>
        [.. Directory.GetFiles($"/proc/{processId}/fd").Select(descriptor => new FileInfo(descriptor).LinkTarget ?? "")];

    // A line is: number, local address and port, remote address and port, state, ..., inode; what listens has the state 0A.
    private static List<int> ListeningPorts(string[] descriptors) =>
    [
        .. File.ReadLines("/proc/net/tcp").Skip(1).Concat(File.ReadLines("/proc/net/tcp6").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && descriptors.Contains($"socket:[{fields[9]}]"))
            .Select(fields => int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
    ];
}
