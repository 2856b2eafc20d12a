using System.Text.Json;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>Clients that know the gateway only by its protos or by reflection.</summary>
[Collection(nameof(OtherServices))]
[Trait("Category", "Interop")]
public sealed class GrpcClientsTests(RunningServices services)
{
    private const string Buf = "tests/MotionGateway.Interop.Tests/node/node_modules/.bin/buf";
    private const string BufRemedy = "run npm ci in tests/MotionGateway.Interop.Tests/node";

    [RequiresToolFact(Buf, BufRemedy)]
    public async Task BufCurl_Reflection_ListsServicesAndMethods()
    {
        var names = await CurlAsync("", "--list-services");
        var methods = await CurlAsync("", "--list-methods");

        string[] expected = ["grpc.health.v1.Health", "motiongateway.v1.FeedService", "motiongateway.v1.SessionService", "motiongateway.v1.SpeechService"];
        Assert.Empty(expected.Except(names));
        Assert.Contains("motiongateway.v1.SpeechService/Speak", methods);
        Assert.Contains("motiongateway.v1.FeedService/Subscribe", methods);
        string[] all = [.. SessionService.Descriptor.Methods.Select(method => $"{method.Service.FullName}/{method.Name}")];
        Assert.Empty(all.Except(methods));
    }

    [RequiresToolFact(Buf, BufRemedy)]
    public async Task BufCurl_Sessions_ListsAndInterrupts()
    {
        using var speaker = await Speaker.OpenAsync(services.Speech);
        string id = speaker.Opened.SessionId;
        await speaker.SayAsync(Clip.ReadLong(), "long");
        await speaker.WaitForAsync(response => response.Payload?.TurnSealed is not null);

        var list = await CallAsync("ListSessions", "{}");
        var session = list.GetProperty("sessions").EnumerateArray().Single(found => found.GetProperty("sessionId").GetString() == id);
        var answer = await CallAsync("InterruptSession", $$"""{"sessionId": "{{id}}", "reason": "by hand"}""");
        var ended = (await speaker.WaitForAsync(response => response.Payload?.TurnEnded is not null)).Payload;

        Assert.Equal("SESSION_STATE_ACTIVE", session.GetProperty("state").GetString());
        Assert.Equal("long", answer.GetProperty("interrupted").GetProperty("turnId").GetString());
        Assert.Equal(("long", TurnOutcome.Interrupted, "by hand"), (ended.TurnId, ended.TurnEnded.Outcome, ended.TurnEnded.Reason));
    }

    [RequiresToolFact(Buf, BufRemedy)]
    public async Task BufCurl_TestTone_IsHeardAndFollowedByHand()
    {
        using var speaker = await Speaker.OpenAsync(services.Speech);
        string id = speaker.Opened.SessionId;

        string turnId = (await CallAsync("SayTestTone", $$"""{"sessionId": "{{id}}", "durationMs": 200}""")).GetProperty("turnId").GetString()!;
        var ended = (await speaker.WaitForAsync(response => response.Payload?.TurnEnded is not null)).Payload;

        Assert.Equal((turnId, TurnOutcome.Completed), (ended.TurnId, ended.TurnEnded.Outcome));
    }

    [RequiresToolFact(PythonScripts.Grpc, PythonScripts.Remedy)]
    public async Task Python_DrivesASessionEndToEnd()
    {
        var lines = await PythonScripts.SpeakAsync(services.GatewayUrl, Clip.FilePath);

        Assert.Equal(
            [
                "ok two turns", "ok payloads", "ok session", "ok close", "ok wav", "ok what is no speech", "ok error details",
                "ok unknown session",
            ],
            lines);
    }

    private async Task<JsonElement> CallAsync(string method, string request)
    {
        var lines = await CurlAsync($"/motiongateway.v1.SessionService/{method}", "-d", request);
        using var document = JsonDocument.Parse(string.Concat(lines));
        return document.RootElement.Clone();
    }

    private Task<IReadOnlyCollection<string>> CurlAsync(string path, params string[] arguments) => ChildProcess.RunAsync(
        RepositoryRoot.PathTo(Buf.Split('/')),
        ["curl", "--http2-prior-knowledge", "--protocol", "grpc", .. arguments, services.GatewayUrl.GetLeftPart(UriPartial.Authority) + path]);
}
