using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>The units of deploy/systemd, as they are installed from the archive.</summary>
[Collection(nameof(SharedServices))]
[Trait("Category", "EndToEnd")]
public sealed class SystemdTests(InstalledTree installed, RunningServices services) : IClassFixture<InstalledTree>
{
    private const string Gateway = "motiongateway-gateway.service";
    private const string Relay = "motiongateway-relay.service";
    private const string Analyze = "/usr/bin/systemd-analyze";
    private const string Remedy = "apt-get install systemd";
    private const string SystemUnits = "/usr/lib/systemd/system";

    // Of 10.0 in systemd's own reckoning, where a service without any measure has 9.6: times ten.
    private const int MaxExposure = 15;

    private readonly SystemTree _tree = installed.Tree;

    [RequiresToolTheory(Analyze, Remedy)]
    [InlineData(Gateway)]
    [InlineData(Relay)]
    public async Task Unit_Verified_IsClean(string unit)
    {
        // What it depends on is the system's.
        Directory.CreateDirectory(_tree.PathTo(SystemUnits));
        await ChildProcess.RunAsync("cp", ["-r", $"{SystemUnits}/.", _tree.PathTo(SystemUnits)]);

        Assert.Empty(await ChildProcess.RunAsync(Analyze, ["verify", "--man=no", $"--root={_tree.Root}", unit]));
    }

    [RequiresToolTheory(Analyze, Remedy)]
    [InlineData(Gateway)]
    [InlineData(Relay)]
    public Task Unit_ReviewedForSecurity_IsHardlyExposed(string unit) => ChildProcess.RunAsync(
        Analyze, ["security", "--offline=true", $"--root={_tree.Root}", $"--threshold={MaxExposure}", unit]);

    [Fact]
    public async Task Gateway_StartedByItsUnit_TellsReadyAndStopping()
    {
        ConfigureGateway();

        await AssertTellsAsync(Gateway);
    }

    [Fact]
    public async Task Relay_StartedByItsUnit_TellsReadyAndStopping()
    {
        _tree.Write("/etc/motiongateway/relay.json", $$"""
            { "MotionGateway": { "Relay": { "Urls": "http://127.0.0.1:0", "GatewayAddress": "{{services.GatewayUrl}}" } } }
            """);

        await AssertTellsAsync(Relay);
    }

    [Fact]
    public async Task Gateway_WrongSettings_EndsForGoodWithoutAWord()
    {
        ConfigureGateway();
        _tree.Write("/etc/motiongateway/gateway.env", "MOTIONGATEWAY__GATEWAY__MAXSESSIONS=0");
        var unit = _tree.ReadUnit(Gateway);
        await using var service = NotifiedService.Start(_tree, unit);

        Assert.Equal(unit.RestartPreventExitStatus, $"{await service.Process.WaitAsync()}");
        Assert.False(service.HasTold);
    }

    [Fact]
    public void StopLimits_OfUnits_AreLongerThanADrain()
    {
        Assert.True(_tree.ReadUnit(Gateway).StopLimit > DrainTimes.OfGateway());
        Assert.True(_tree.ReadUnit(Relay).StopLimit > DrainTimes.OfRelay());
    }

    [Fact]
    public async Task Install_Again_KeepsSettingsAndAddsTheVersionBeside()
    {
        _tree.Write("/etc/motiongateway/relay.json", "mine");
        await File.WriteAllTextAsync(Path.Combine(installed.Unpacked, "VERSION"), "99.0.0");
        await installed.InstallAsync();

        Assert.Equal("mine", await File.ReadAllTextAsync(_tree.PathTo("/etc/motiongateway/relay.json")));
        Assert.Equal("99.0.0", new DirectoryInfo(_tree.PathTo("/opt/motiongateway/current")).LinkTarget);
        Assert.Equal(2, Directory.GetDirectories(_tree.PathTo("/opt/motiongateway")).Count(directory => new DirectoryInfo(directory).LinkTarget is null));
        Assert.Equal(["600"], await ChildProcess.RunAsync("stat", ["--format=%a", _tree.PathTo("/etc/motiongateway/gateway.env")]));
    }

    private void ConfigureGateway()
    {
        var motionServer = services.MotionServerUrl;
        _tree.Write("/etc/motiongateway/gateway.json", $$"""
            {
              "MotionGateway": {
                "Gateway": {
                  "Urls": "http://127.0.0.1:0",
                  "ViewerTokenKeyFile": "{{_tree.PathTo("viewer-token-key.pem")}}",
                  "MotionServer": { "ConsoleUrl": "{{new Uri(motionServer, "/v1/console")}}", "IngressUrl": "ws://{{motionServer.Authority}}/v2/driveningress" }
                }
              }
            }
            """);
        _tree.Write("/etc/motiongateway/gateway.env", """
            MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APPID=local-app
            MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY=local-key
            """);
    }

    private async Task AssertTellsAsync(string name)
    {
        await using var service = NotifiedService.Start(_tree, _tree.ReadUnit(name));

        Assert.Equal("READY=1", await service.ReceiveAsync());
        await service.Process.WaitForLineAsync(line => line.StartsWith("listening on ", StringComparison.Ordinal));
        Assert.False(service.HasTold);

        await service.TerminateAsync();
        Assert.Equal("STOPPING=1", await service.ReceiveAsync());
        Assert.Equal(0, await service.Process.WaitAsync());
    }
}
