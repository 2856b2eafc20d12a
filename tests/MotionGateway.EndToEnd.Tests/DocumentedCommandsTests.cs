using System.Text.RegularExpressions;
using MotionGateway.EndToEnd.Tests.Deploy;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>What the documentation tells a reader to type works.</summary>
/// <remarks>
/// A comment in the line above a block of shell commands says how: <c>test: run</c> from the repository's root, to exit code 0;
/// <c>test: packed</c> the same with what deploy/pack.sh makes in place of artifacts/packages; <c>test: stack</c> the same with the
/// services running, their addresses in place of the default ones and in GATEWAY and RELAY, a session in SESSION; <c>test: serve [PATH]</c> until it listens (and answers a GET of the path); <c>test: no REASON</c> not.
/// </remarks>
[Collection(nameof(SharedServices))]
[Trait("Category", "EndToEnd")]
public sealed partial class DocumentedCommandsTests(RunningServices services, PackedRelease release)
{
    private const string FreePort = "http://127.0.0.1:0";

    // The first run may have to build.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    public static TheoryData<string> Tested => [.. DocumentedCommand.All.Where(command => command.Mode is not ("no" or "")).Select(command => command.Place)];

    [Fact]
    public void Blocks_All_SayHowTheyAreTested()
    {
        Assert.NotEmpty(DocumentedCommand.All);
        Assert.Empty(DocumentedCommand.All.Where(command => command.Mode == "" || command is { Mode: "no", Argument: "" }).Select(command => command.Place));
    }

    [Theory]
    [MemberData(nameof(Tested))]
    public async Task Block_AsDocumented_Works(string place)
    {
        var command = DocumentedCommand.All.Single(command => command.Place == place);
        var environment = Environment();
        switch (command.Mode)
        {
            case "run":
                await RunAsync(command.Text, environment);
                break;
            case "packed":
                await release.MakeAsync();
                await RunAsync(command.Text.Replace("artifacts/packages", release.Directory, StringComparison.Ordinal), environment);
                break;
            case "stack":
                await RunOnServicesAsync(command.Text, environment);
                break;
            default:
                await ServeAsync(command, environment);
                break;
        }
    }

    private static async Task RunAsync(string text, Dictionary<string, string> environment) =>
        await ChildProcess.RunAsync("bash", ["-euo", "pipefail", "-c", text], RepositoryRoot.Directory, environment, Limit);

    private async Task RunOnServicesAsync(string text, Dictionary<string, string> environment)
    {
        using var speaker = await Speaker.OpenAsync(services.Speech);
        environment["GATEWAY"] = Origin(services.GatewayUrl);
        environment["RELAY"] = Origin(services.RelayUrl);
        environment["SESSION"] = speaker.Opened.SessionId;
        await RunAsync(DefaultAddress().Replace(text, match => Origin(match.Groups["port"].Value switch
        {
            "50051" => services.GatewayUrl,
            "8080" => services.RelayUrl,
            _ => services.MotionServerUrl,
        })), environment);
        await speaker.SendAsync(new SpeakRequest { Close = new CloseSession() });
    }

    private static async Task ServeAsync(DocumentedCommand command, Dictionary<string, string> environment)
    {
        environment["MOTIONGATEWAY__GATEWAY__URLS"] = FreePort;
        environment["MOTIONGATEWAY__RELAY__URLS"] = FreePort;
        environment["MOTIONGATEWAY__MOTIONSERVER__URLS"] = FreePort;
        string text = DefaultAddress().Replace(command.Text, FreePort);
        await using var service = ChildProcess.Start("bash", ["-euo", "pipefail", "-c", text], RepositoryRoot.Directory, environment);
        string url = Listening().Match(await service.WaitForLineAsync(Listening().IsMatch, Limit)).Groups["url"].Value;
        if (command.Argument.Length > 0)
        {
            using var http = new HttpClient();
            using var answer = await http.GetAsync(new Uri(new Uri(url), command.Argument));
            answer.EnsureSuccessStatusCode();
        }
    }

    // What is built is used: a reader's first run builds it.
    private static Dictionary<string, string> Environment() => new()
    {
        ["Configuration"] = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["PATH"] = $"{RepositoryRoot.PathTo("tests", "MotionGateway.Interop.Tests", "node", "node_modules", ".bin")}:{System.Environment.GetEnvironmentVariable("PATH")}",
    };

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);

    [GeneratedRegex("http://(127\\.0\\.0\\.1|localhost):(?<port>50051|8080|8790)")]
    private static partial Regex DefaultAddress();

    [GeneratedRegex("listening on (?<url>http\\S+)")]
    private static partial Regex Listening();
}
