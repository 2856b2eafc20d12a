using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>docs/install.md leads from an archive to speech over TLS with an API key: in a tree of its own, and without systemd as process 1.</summary>
[Collection(nameof(SharedServices))]
[Trait("Category", "EndToEnd")]
public sealed class InstallTests(PackedRelease release, RunningServices services) : IDisposable
{
    private const int MaxCommands = 10;
    private const string Enable = "sudo systemctl enable --now ";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-install-");
    private readonly HeldPort _gatewayPort = HeldPort.Take();
    private readonly HeldPort _relayPort = HeldPort.Take();

    [RequiresToolFact("openssl", "apt-get install openssl")]
    public async Task Commands_AsDocumented_LeadToSpeechInTen()
    {
        string[] commands = DocumentedCommand.All.First(command => command.Place.StartsWith("docs/install.md", StringComparison.Ordinal)).Text.Split('\n');
        int enable = Array.FindIndex(commands, command => command.StartsWith(Enable, StringComparison.Ordinal));
        await release.MakeAsync();
        await ChildProcess.RunAsync("cp", [.. Directory.GetFiles(release.Directory, "*.tar.gz"), _directory.FullName]);
        var tree = new SystemTree(_directory.CreateSubdirectory("root").FullName);

        Assert.InRange(commands.Length, 1, MaxCommands);
        await RunAsync(tree, commands[..enable]);
        MoveSettings(tree);
        List<NotifiedService> started = [];
        try
        {
            foreach (string unit in commands[enable][Enable.Length..].Split(' '))
            {
                started.Add(NotifiedService.Start(tree, tree.ReadUnit($"{unit}.service")));
                Assert.Equal("READY=1", await started[^1].ReceiveAsync());
            }

            await RunAsync(tree, commands[(enable + 1)..]);
        }
        finally
        {
            foreach (var service in started)
            {
                await service.DisposeAsync();
            }
        }
    }

    public void Dispose()
    {
        _gatewayPort.Dispose();
        _relayPort.Dispose();
        _directory.Delete(recursive: true);
    }

    // Settings name paths of the system, ports that everybody knows, and the Motion Server's own address.
    private void MoveSettings(SystemTree tree)
    {
        foreach (string file in Directory.GetFiles(tree.PathTo("/etc/motiongateway"), "*.json"))
        {
            File.WriteAllText(file, Move(tree, File.ReadAllText(file)).Replace("https://*", "https://127.0.0.1", StringComparison.Ordinal)
                .Replace("/var/lib/motiongateway", tree.Root, StringComparison.Ordinal));
        }

        var motionServer = services.MotionServerUrl;
        File.AppendAllLines(tree.PathTo("/etc/motiongateway/gateway.env"),
        [
            $"MOTIONGATEWAY__GATEWAY__MOTIONSERVER__CONSOLEURL={new Uri(motionServer, "/v1/console")}",
            $"MOTIONGATEWAY__GATEWAY__MOTIONSERVER__INGRESSURL=ws://{motionServer.Authority}/v2/driveningress",
        ]);
    }

    private string Move(SystemTree tree, string text) => text
        .Replace("/etc/motiongateway", tree.PathTo("/etc/motiongateway"), StringComparison.Ordinal)
        .Replace(":50051", $":{new Uri(_gatewayPort.Url).Port}", StringComparison.Ordinal)
        .Replace(":8080", $":{new Uri(_relayPort.Url).Port}", StringComparison.Ordinal);

    // The tree is ours already, has no users of its own, and is this machine.
    private async Task RunAsync(SystemTree tree, IEnumerable<string> commands)
    {
        string text = Move(tree, string.Join('\n', commands))
            .Replace("install.sh", $"install.sh --root {tree.Root}", StringComparison.Ordinal)
            .Replace("your-app-id", "local-app", StringComparison.Ordinal).Replace("your-api-key", "local-key", StringComparison.Ordinal)
            .Replace("speech.wav", Clip.FilePath, StringComparison.Ordinal);
        string shell = $$"""
            sudo() { if [ "$1" = -u ]; then shift 2; fi; "$@"; }
            hostname() { echo localhost; }
            PATH={{tree.PathTo("/opt/motiongateway/current")}}:$PATH
            {{text}}
            """;
        await ChildProcess.RunAsync("bash", ["-euo", "pipefail", "-c", shell], _directory.FullName, limit: Executable.Limit);
    }
}
