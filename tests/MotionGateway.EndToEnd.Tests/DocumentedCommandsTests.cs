using System.Text.RegularExpressions;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>What the documentation tells a reader to type works.</summary>
/// <remarks>
/// A comment in the line above a block of shell commands says how: <c>test: run</c> from the repository's root, to exit code 0;
/// <c>test: stack</c> the same with the services running, their addresses in place of the default ones and in GATEWAY and RELAY,
/// a session in SESSION; <c>test: serve [PATH]</c> until it listens (and answers a GET of the path); <c>test: beside</c> while the block
/// before it serves, with its address in place of the default ones; <c>test: no REASON</c> not.
/// </remarks>
[Collection(nameof(SharedServices))]
[Trait("Category", "EndToEnd")]
public sealed partial class DocumentedCommandsTests(RunningServices services)
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
            case "stack":
                await RunOnServicesAsync(command.Text, environment);
                break;
            case "beside":
                await RunBesideAsync(command, environment);
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

    private static async Task RunBesideAsync(DocumentedCommand command, Dictionary<string, string> environment)
    {
        var before = DocumentedCommand.All.TakeWhile(other => other != command).Last();
        await using var service = Serve(before.Text, environment);
        string url = await ListeningAsync(service);
        await RunAsync(DefaultAddress().Replace(command.Text, url), environment);
    }

    private static async Task ServeAsync(DocumentedCommand command, Dictionary<string, string> environment)
    {
        await using var service = Serve(command.Text, environment);
        string url = await ListeningAsync(service);
        if (command.Argument.Length > 0)
        {
            using var http = new HttpClient();
            using var answer = await http.GetAsync(new Uri(new Uri(url), command.Argument));
            answer.EnsureSuccessStatusCode();
        }
    }

    private static ChildProcess Serve(string text, Dictionary<string, string> environment)
    {
        environment["MOTIONGATEWAY__GATEWAY__URLS"] = FreePort;
        environment["MOTIONGATEWAY__RELAY__URLS"] = FreePort;
        environment["MOTIONGATEWAY__MOTIONSERVER__URLS"] = FreePort;
        string onFreePort = DefaultAddress().Replace(text, "${scheme}://127.0.0.1:0");
        return ChildProcess.Start("bash", ["-euo", "pipefail", "-c", onFreePort], RepositoryRoot.Directory, environment);
    }

    private static async Task<string> ListeningAsync(ChildProcess service) =>
        Listening().Match(await service.WaitForLineAsync(Listening().IsMatch, Limit)).Groups["url"].Value;

    // What is built is used: a reader's first run builds it.
    private static Dictionary<string, string> Environment() => new()
    {
        ["Configuration"] = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["PATH"] = $"{RepositoryRoot.PathTo("tests", "MotionGateway.Interop.Tests", "node", "node_modules", ".bin")}:{System.Environment.GetEnvironmentVariable("PATH")}",
    };

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);

<<<<<<< HEAD
    [GeneratedRegex("(?<scheme>https?)://(127\\.0\\.0\\.1|localhost):(?<port>50051|8080|8790)")]
=======
    [GeneratedRegex("http://(127\\.0\\.0\\.1|localhost):(?<port>50051|8080|8790|9464|9465)")]
>>>>>>> metrics
    private static partial Regex DefaultAddress();

    [GeneratedRegex("listening on (?<url>http\\S+)")]
    private static partial Regex Listening();
}
