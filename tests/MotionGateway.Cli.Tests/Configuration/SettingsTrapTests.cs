using MotionGateway.Cli.Configuration;

namespace MotionGateway.Cli.Tests.Configuration;

/// <summary>What looks like a setting and is none is told, and what is broken is told with its place.</summary>
[Collection(nameof(ProcessEnvironment))]
public sealed class SettingsTrapTests : IDisposable
{
    private const string FileName = "appsettings.json";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-traps-");
    private readonly List<string> _variables = [];

    [Theory]
    [InlineData("Gateway", "MotionGateway:Gateway")]
    [InlineData("relay", "MotionGateway:Relay")]
    [InlineData("MotionGatway", "MotionGateway")]
    public void Read_FileWithAnotherRoot_NamesTheRightOne(string root, string meant)
    {
        WriteFile($$"""{ "{{root}}": { "Urls": "http://127.0.0.1:1" } }""");

        string problem = Assert.Single(Problems(Sources()));

        Assert.Contains($"{FileName}: {root} is not read: did you mean {meant}?", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SharedFile_LeavesTheSectionsOfOthersAlone()
    {
        WriteFile("""{ "Logging": { "LogLevel": { "Default": "Warning" } }, "MotionGateway": { "Relay": { "MaxViewers": 3 } } }""");

        Assert.Equal(3, ServiceSettings.ReadRelay(Sources()).MaxViewers);
    }

    [Fact]
    public void Read_FileOfItsOwn_NamesEverySectionThatIsNotRead()
    {
        WriteFile("""{ "Logging": {}, "Server": { "Port": 1 } }""");

        string path = Path.Combine(_directory.FullName, FileName);
        Assert.Equal(
            [$"{path}: Logging is not read: all settings stand below MotionGateway.", $"{path}: Server is not read: all settings stand below MotionGateway."],
            Problems(new SettingsSources { File = FileName, Directory = _directory.FullName }));
    }

    [Theory]
    [InlineData("MOTIONGATEWAY_RELAY_MAXVIEWERS", "MOTIONGATEWAY__RELAY__MAXVIEWERS")]
    [InlineData("MOTIONGATEWAY_RELAY__MAXVIEWERS", "MOTIONGATEWAY__RELAY__MAXVIEWERS")]
    [InlineData("MOTIONGATEWAY_GATEWAY_MOTIONSERVER_API_KEY", "MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY")]
    [InlineData("MOTIONGATEWAY_RELAY_MAXVIEWRS", "MOTIONGATEWAY__RELAY__MAXVIEWERS")]
    public void Read_VariableWithTooFewUnderscores_NamesTheRightOne(string name, string meant)
    {
        SetVariable(name, "1");

        Assert.Equal([$"The variable {name} is not read: did you mean {meant}?"], Problems(Sources()));
    }

    [Theory]
    [InlineData("MOTIONGATEWAY_GATEWAY")]
    [InlineData("MOTIONGATEWAY_RELAY")]
    [InlineData("MOTIONGATEWAY_VIEWER_TOKEN")]
    [InlineData("MOTIONGATEWAY_RELAY_SERVICE_HOST")]
    [InlineData("MOTIONGATEWAY_RELAY_PORT")]
    [InlineData("MOTIONGATEWAY_RELAY_PORT_8080_TCP_ADDR")]
    [InlineData("MOTIONGATEWAY_MOTIONSERVER_PORT")]
    public void Read_VariablesOfOthers_AreNoConcern(string name)
    {
        SetVariable(name, "tcp://10.0.0.1:8080");

        Assert.Empty(Problems(Sources()));
    }

    [Fact]
    public void Read_UnknownVariable_IsNamedWithTheRightOne()
    {
        SetVariable("MOTIONGATEWAY__RELAY__MAXVIEWRS", "1");

        Assert.Contains("did you mean Relay:MaxViewers?", Assert.Single(Problems(Sources())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n  \"MotionGateway\": {\n    \"Gateway\" {}\n  }\n}", ":3:")]
    [InlineData("{ nothing", ":1:")]
    [InlineData("", ":1:")]
    public void Read_BrokenFile_NamesItAndTheLine(string text, string place)
    {
        WriteFile(text);

        var failure = Assert.Throws<CommandException>(() => ServiceSettings.ReadRelay(Sources()));

        Assert.StartsWith(Path.Combine(_directory.FullName, FileName) + place, failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, failure.ExitCode);
    }

    [Theory]
    [InlineData("{ \"MotionGateway\": { \"Gateway\": { \"MotionServer\": { \"ApiKey\": SECRET } } } }")]
    [InlineData("{ \"MotionGateway\": { \"Gateway\": { \"MotionServer\": { \"ApiKey\": \"SECRET } } } }")]
    [InlineData("{ \"MotionGateway\": { \"Gateway\": { \"MotionServer\": { \"ApiKey\": trSECRET } } } }")]
    public void Read_BrokenFileWithASecret_DoesNotQuoteIt(string text)
    {
        WriteFile(text);

        Assert.DoesNotContain("SECRET", Assert.Throws<CommandException>(() => ServiceSettings.ReadRelay(Sources())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileThatIsNotThere_IsNamed()
    {
        var failure = Assert.Throws<CommandException>(() => ServiceSettings.ReadRelay(new SettingsSources { File = "none.json", Directory = _directory.FullName }));

        Assert.Contains(Path.Combine(_directory.FullName, "none.json"), failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nonexistent")]
    [InlineData("")]
    public void ReadRelay_PageThatIsNotThere_IsRefused(string page)
    {
        var sources = Sources();
        sources.Set("Relay:PageDirectory", page);

        Assert.StartsWith("Relay:PageDirectory ", Assert.Single(Problems(sources)), StringComparison.Ordinal);
    }

    // Kestrel binds every interface for each of these names, whatever their address is.
    [Theory]
    [InlineData("http://0.0.0.0:1")]
    [InlineData("http://[::]:1")]
    [InlineData("http://*:1")]
    [InlineData("http://+:1")]
    [InlineData("http://loopback:1")]
    [InlineData("http://localhost.:1")]
    [InlineData("http://127.0.0.1.example:1")]
    [InlineData("http://127.0.0.1:1;http://example:1")]
    public void ReadGateway_AddressBeyondLoopback_IsRefusedUnlessToldSo(string urls)
    {
        var sources = Sources("Development");
        sources.Set("Gateway:Urls", urls);
        Assert.Contains("reachable from other machines", Assert.Single(ServiceSettings.Read("Gateway", sources).Problems), StringComparison.Ordinal);

        sources.Set("Gateway:AllowUnauthenticatedCallersBeyondLoopback", "true");
        Assert.Empty(ServiceSettings.Read("Gateway", sources).Problems);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://[::1]:1")]
    [InlineData("http://localhost:1")]
    [InlineData("HTTP://LOCALHOST:1;http://127.1.2.3:1")]
    public void ReadGateway_AddressOfThisMachine_IsTaken(string urls)
    {
        var sources = Sources("Development");
        sources.Set("Gateway:Urls", urls);

        Assert.Empty(ServiceSettings.Read("Gateway", sources).Problems);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1:1")]
    [InlineData("127.0.0.1:1")]
    [InlineData("http://unix:/tmp/socket")]
    [InlineData(";")]
    public void ReadGateway_WhatIsNoAddress_IsRefused(string urls)
    {
        var sources = Sources("Development");
        sources.Set("Gateway:Urls", urls);

        Assert.Contains("http://127.0.0.1:50051", Assert.Single(ServiceSettings.Read("Gateway", sources).Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Gateway")]
    [InlineData("Relay")]
    [InlineData("MotionServer")]
    public void Read_Https_IsRefusedWithTheRemedy(string section)
    {
        var sources = Sources("Development");
        sources.Set($"{section}:Urls", "https://127.0.0.1:1");

        string problem = Assert.Single(ServiceSettings.Read(section, sources).Problems);

        Assert.Contains($"{section}:Urls", problem, StringComparison.Ordinal);
        Assert.Contains("with a proxy that does TLS in front of it", problem, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _variables.ForEach(name => Environment.SetEnvironmentVariable(name, null));
        _directory.Delete(recursive: true);
    }

    private static IReadOnlyList<string> Problems(SettingsSources sources) => ServiceSettings.Read(ServiceSettings.RelaySection, sources).Problems;

    private SettingsSources Sources(string environment = "Production") =>
        new() { Directory = _directory.FullName, EnvironmentName = environment };

    private void WriteFile(string json) => File.WriteAllText(Path.Combine(_directory.FullName, FileName), json);

    private void SetVariable(string name, string value)
    {
        _variables.Add(name);
        Environment.SetEnvironmentVariable(name, value);
    }
}
