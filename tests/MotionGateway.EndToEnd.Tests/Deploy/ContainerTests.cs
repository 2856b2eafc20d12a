using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>What can be told of deploy/containers where no container engine runs.</summary>
[Collection(nameof(SharedServices))]
[Trait("Category", "EndToEnd")]
public sealed partial class ContainerTests(RunningServices services)
{
    private static readonly string[] Folder = ["containers"];

    private static string Containerfile { get; } = File.ReadAllText(RepositoryRoot.PathTo("deploy", "containers", "Containerfile"));

    [Fact]
    public void Containerfile_CopiedFromTheRepository_IsThereAndNotIgnored()
    {
        string[] sources = [.. Copied().Matches(Containerfile).SelectMany(match => match.Groups["from"].Value.Split(' '))];
        string[] taken = [.. File.ReadLines(RepositoryRoot.PathTo("deploy", "containers", "Containerfile.dockerignore"))
            .Where(line => line.StartsWith('!')).Select(line => line[1..])];

        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.True(Path.Exists(RepositoryRoot.PathTo(source)), source));
        Assert.Equal(taken.Order(StringComparer.Ordinal), sources.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("gateway", "Gateway")]
    [InlineData("relay", "Relay")]
    public void Image_Ports_AreThoseOfItsSettings(string image, string service)
    {
        string[] exposed = Exposed().Match(Stage(image)).Groups["ports"].Value.Split(' ');

        Assert.Equal(SettingsOf.Read(service, [.. Folder, $"{image}.json"]).Ports.Order(), exposed.Select(port => int.Parse(port, CultureInfo.InvariantCulture)).Order());
        Assert.DoesNotContain("root", User().Match(Containerfile).Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("relay")]
    public async Task Image_HealthCheck_TellsAServiceThatRunsFromOneThatDoesNot(string image)
    {
        string[] command = JsonSerializer.Deserialize<string[]>(Health().Match(Stage(image)).Groups["command"].Value)!;
        var url = image == "gateway" ? services.GatewayUrl : services.RelayUrl;
        using var nobody = HeldPort.Take();

        Assert.Equal("/app/motiongateway", command[0]);
        Assert.Contains(new Uri(command[^1]).Port, SettingsOf.Read(image == "gateway" ? "Gateway" : "Relay", [.. Folder, $"{image}.json"]).Ports);
        Assert.Contains(0, await RunAsync(command, $"{url}"));
        Assert.DoesNotContain(0, await RunAsync(command, nobody.Url));
    }

    [Theory]
    [InlineData("gateway", "Gateway")]
    [InlineData("relay", "Relay")]
    public void Compose_Service_HasTheFilesPortsAndTimeOfItsSettings(string name, string service)
    {
        var settings = SettingsOf.Read(service, [.. Folder, $"{name}.json"]);
        var compose = YamlFile.Read([.. Folder, "compose.yaml"])[0].Find("services", name)!;
        string[] mounted = [.. compose.List("volumes").Select(volume => volume.ToString().Split(':')[1])];
        var published = compose.List("ports").Select(port => int.Parse(port.ToString().Split(':')[^1], CultureInfo.InvariantCulture));
        var stop = TimeSpan.FromSeconds(double.Parse(compose.Text("stop_grace_period").TrimEnd('s'), CultureInfo.InvariantCulture));

        Assert.All(settings.Paths, path => Assert.Contains(mounted, mount => path.StartsWith(mount, StringComparison.Ordinal)));
        Assert.Empty(published.Except(settings.Ports));
        Assert.True(stop > (name == "gateway" ? DrainTimes.OfGateway(settings.ShutdownGrace) : DrainTimes.OfRelay(settings.ShutdownGrace)));
    }

    [Fact]
    public void Compose_Ports_AreOfThisHostOnly() => Assert.All(
        YamlFile.Read([.. Folder, "compose.yaml"])[0].Everywhere("ports").SelectMany(ports => ports.AllNodes.OfType<YamlDotNet.RepresentationModel.YamlScalarNode>()),
        port => Assert.StartsWith("127.0.0.1:", port.Value, StringComparison.Ordinal));

    [Fact]
    public void Compose_Prometheus_ScrapesTheMetricsOfBothServices()
    {
        string[] targets = [.. YamlFile.Read([.. Folder, "prometheus.yml"])[0].Everywhere("targets").SelectMany(list => list.AllNodes.Skip(1)).Select(node => node.ToString())];

        Assert.Equal(
            [$"gateway:{SettingsOf.Read("Gateway", [.. Folder, "gateway.json"]).Ports.Last()}", $"relay:{SettingsOf.Read("Relay", [.. Folder, "relay.json"]).Ports.Last()}"],
            targets);
    }

    // As an engine does, which takes three failures in a row for one.
    private static async Task<List<int>> RunAsync(string[] command, string url)
    {
        List<int> exitCodes = [];
        while (exitCodes.Count < 3 && !exitCodes.Contains(0))
        {
            await using var check = Executable.Start([.. command[1..^1], url]);
            exitCodes.Add(await check.WaitAsync());
        }

        return exitCodes;
    }

    private static string Stage(string name) => Containerfile[Containerfile.IndexOf($"FROM executable AS {name}", StringComparison.Ordinal)..];

    [GeneratedRegex(@"^COPY (?!--)(?<from>.+) \S+$", RegexOptions.Multiline)]
    private static partial Regex Copied();

    [GeneratedRegex(@"^EXPOSE (?<ports>.+)$", RegexOptions.Multiline)]
    private static partial Regex Exposed();

    [GeneratedRegex(@"^HEALTHCHECK .*CMD (?<command>\[.*\])$", RegexOptions.Multiline)]
    private static partial Regex Health();

    [GeneratedRegex(@"^USER [1-9]\d*$", RegexOptions.Multiline)]
    private static partial Regex User();
}
