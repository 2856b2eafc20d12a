using System.Text.RegularExpressions;
using MotionGateway.EndToEnd.Tests.Deploy;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>What the documentation tells a reader to type works.</summary>
/// <remarks>
/// A comment in the line above a block of shell commands says how: <c>test: run</c> from the repository's root, to exit code 0;
/// <c>test: packed</c> the same with what deploy/pack.sh makes in place of artifacts/packages; <c>test: stack</c> the same with the
/// services running, their addresses in place of the default ones and in GATEWAY and RELAY, a session in SESSION;
/// <c>test: serve [PATH]</c> until it listens (and answers a GET of the path); <c>test: beside</c> while the block before it serves,
/// with its address in place of the default ones; <c>test: sample</c> by the tests of the samples; <c>test: no REASON</c> not.
/// </remarks>
[Collection(nameof(SharedServices))]
[Trait("Category", "EndToEnd")]
public sealed partial class DocumentedCommandsTests(RunningServices services, PackedRelease release)
{
    private const string FreePort = "http://127.0.0.1:0";

    public static TheoryData<string> Tested => [.. DocumentedCommand.All.Where(command => command.Mode is not ("sample" or "no" or "")).Select(command => command.Place)];

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
        var environment = DocumentedShell.Environment();
        switch (command.Mode)
        {
            case "run":
                await DocumentedShell.RunAsync(command.Text, environment);
                break;
            case "packed":
                await release.MakeAsync();
                await DocumentedShell.RunAsync(command.Text.Replace("artifacts/packages", release.Directory, StringComparison.Ordinal), environment);
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

    private async Task RunOnServicesAsync(string text, Dictionary<string, string> environment)
    {
        using var speaker = await Speaker.OpenAsync(services.Speech);
        environment["GATEWAY"] = DocumentedShell.Origin(services.GatewayUrl);
        environment["RELAY"] = DocumentedShell.Origin(services.RelayUrl);
        environment["SESSION"] = speaker.Opened.SessionId;
        await DocumentedShell.RunAsync(DocumentedShell.At(services, text), environment);
        await speaker.SendAsync(new SpeakRequest { Close = new CloseSession() });
    }

    private static async Task RunBesideAsync(DocumentedCommand command, Dictionary<string, string> environment)
    {
        var before = DocumentedCommand.All.TakeWhile(other => other != command).Last();
        await using var service = Serve(before.Text, environment);
        string url = await ListeningAsync(service);
        await DocumentedShell.RunAsync(DocumentedShell.At((_, _) => url, command.Text), environment);
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
        return DocumentedShell.Start(DocumentedShell.At((scheme, _) => $"{scheme}://127.0.0.1:0", text), environment);
    }

    private static async Task<string> ListeningAsync(ChildProcess service) =>
        Listening().Match(await service.WaitForLineAsync(Listening().IsMatch, DocumentedShell.Limit)).Groups["url"].Value;

    [GeneratedRegex("listening on (?<url>http\\S+)")]
    private static partial Regex Listening();
}
