using System.Text.Json;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Tests.Configuration;

namespace MotionGateway.Cli.Tests.Commands;

[Collection(nameof(ProcessEnvironment))]
public sealed class ConfigCommandTests : IDisposable
{
    private const string Secret = "kEy-that-nobody-may-see";
    private const string Variable = "MOTIONGATEWAY__GATEWAY__MAXSESSIONS";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-config-");

    public static TheoryData<string, string> Services => new()
    {
        { "gateway", ServiceSettings.GatewaySection }, { "relay", ServiceSettings.RelaySection }, { "motion-server", ServiceSettings.MotionServerSection },
    };

    private string SettingsPath => Path.Combine(_directory.FullName, "settings.json");

    [Fact]
    public async Task Show_AllSources_ShowsValuesAndWhereTheyComeFrom()
    {
        await File.WriteAllTextAsync(SettingsPath, """{ "MotionGateway": { "Gateway": { "OpenTimeout": "00:00:07", "MotionServer": { "AppId": "app" } } } }""");
        Environment.SetEnvironmentVariable(Variable, "7");

        var (exitCode, output, _) = await MainRun.RunAsync(
            "config", "show", "gateway", "--config", SettingsPath, "--json", "--set", $"Gateway:MotionServer:ApiKey={Secret}");

        Assert.Equal(0, exitCode);
        Assert.Equal(("7", Variable), Find(output, "Gateway:MaxSessions"));
        Assert.Equal(("7s", SettingsPath), Find(output, "Gateway:OpenTimeout"));
        Assert.Equal(("http://127.0.0.1:50051", "default"), Find(output, "Gateway:Urls"));
        Assert.Equal(("********", "command line"), Find(output, "Gateway:MotionServer:ApiKey"));
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_CredentialsOfRooms_AreMasked()
    {
        var (_, output, _) = await MainRun.RunAsync(
            "config", "show", "gateway", "--set", "Gateway:LiveKit:main:Url=wss://rooms.example", "--set", $"Gateway:LiveKit:main:ApiSecret={Secret}",
            "--set", $"Gateway:Agora:main:AppCertificate={Secret}");

        Assert.Contains("Gateway:LiveKit:main:Url = wss://rooms.example   (command line)", output, StringComparison.Ordinal);
        Assert.Contains("Gateway:LiveKit:main:ApiSecret = ********   (command line)", output, StringComparison.Ordinal);
        Assert.Contains("Gateway:Agora:main:AppCertificate = ********   (command line)", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_AddressWithCredentials_MasksThem()
    {
        var (_, output, _) = await MainRun.RunAsync("config", "show", "relay", "--set", $"Relay:GatewayAddress=http://user:{Secret}@127.0.0.1:1");

        Assert.Contains("Relay:GatewayAddress = http://********@127.0.0.1:1   (command line)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_WrongSettings_ShowsThemAndSaysWhatIsWrong()
    {
        var (exitCode, output, errors) = await MainRun.RunAsync("config", "show", "relay", "--set", "Relay:MaxViewers=0");

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("Relay:MaxViewers = 0   (command line)", output, StringComparison.Ordinal);
        Assert.Contains("Relay:MaxViewers must be more than 0.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_RightSettings_SaysSo() => Assert.Equal(0, (await MainRun.RunAsync("config", "check", "relay")).ExitCode);

    [Fact]
    public async Task Check_WrongSettings_TellsAllAsTheServiceDoes()
    {
        string[] settings = ["--set", "Gateway:MaxSessions=0", "--set", "Gateway:Urls=https://127.0.0.1:0", "--set", "Gateway:MotionServer:AppId=a"];

        var checking = await MainRun.RunAsync(["config", "check", "gateway", .. settings]);

        Assert.Equal(ExitCode.Usage, checking.ExitCode);
        Assert.Contains("3 problems", checking.Errors, StringComparison.Ordinal);
        Assert.Equal(checking, await MainRun.RunAsync(["gateway", .. settings]));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Sample_ReadBack_IsTheDefaults(string service, string section)
    {
        var (exitCode, output, _) = await MainRun.RunAsync("config", "sample", service);
        await File.WriteAllTextAsync(SettingsPath, output);

        var reading = ServiceSettings.Read(section, new SettingsSources { File = SettingsPath, EnvironmentName = "Production" });
        var expected = ServiceSettings.Read(section, new SettingsSources { Directory = _directory.FullName, EnvironmentName = "Production" });

        Assert.Equal(0, exitCode);
        Assert.Equal(expected.Problems, reading.Problems);
        Assert.Equal(Values(expected), Values(reading));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Sample_EverySetting_IsThereWithADescription(string service, string section)
    {
        _ = service;
        string[] lines = [.. SettingsSample.Create(section).Split('\n').Select(line => line.Trim())];

        foreach (var entry in SettingsCatalog.List(ServiceSettings.Defaults(section), section))
        {
            string start = $"{(entry.IsAbsent ? "// " : "")}\"{entry.Property.Name}\": ";
            var places = Enumerable.Range(0, lines.Length).Where(i => lines[i].StartsWith(start, StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(places);
            Assert.All(places, place => Assert.Matches(@"^// .*\w", lines[place - 1]));
        }
    }

    [Fact]
    public void Sample_Descriptions_AreThoseOfTheOptions() => Assert.Contains(
        "// How long viewer tokens are valid when nothing else is asked for. Default 1 hour.",
        SettingsSample.Create(ServiceSettings.GatewaySection), StringComparison.Ordinal);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        _directory.Delete(recursive: true);
    }

    private static List<(string Path, string? Text, bool IsAbsent)> Values(ServiceReading reading) =>
        [.. SettingsCatalog.List(reading.Options, reading.Section).Select(entry => (entry.Path, entry.ToText(), entry.IsAbsent))];

    private static (string? Value, string? Source) Find(string output, string path) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonDocument.Parse(line).RootElement)
        .Where(line => line.GetProperty("path").GetString() == path)
        .Select(line => (line.GetProperty("value").GetString(), line.GetProperty("source").GetString())).Single();
}
