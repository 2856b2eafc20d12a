using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>
/// What happened to a session can be told from what the services log and send: a session whose connection to the Motion Server breaks
/// in mid-turn, that another call goes on with, and that a viewer follows at a relay; everything logged, at Trace.
/// </summary>
public sealed class StoryTests : IAsyncLifetime
{
    private const string ApiKey = "app-key-that-nobody-may-see";
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const double Seconds = 3;
    private const string CallerSpan = "00f067aa0ba902b7";

    // It strikes once: the connection that takes the place of the lost one is as it should be.
    private const string Avatar = "fault-close-4503@motion.walk@1";

    private readonly List<string> _secrets = [ApiKey];
    private readonly List<ChildProcess> _services = [];
    private TelemetrySink _sink = null!;
    private Uri _gatewayUrl = null!;
    private Uri _relayUrl = null!;

    public async Task InitializeAsync()
    {
        var motionServer = await ServeAsync(new(), "motion-server", "--urls", "http://127.0.0.1:0", "--set", $"MotionServer:ApiKey={ApiKey}");
        _sink = await TelemetrySink.StartAsync(motionServer);
        var environment = new Dictionary<string, string>(_sink.Environment) { ["MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY"] = ApiKey };
        _gatewayUrl = await ServeAsync(
            environment, "gateway", "--urls", "http://127.0.0.1:0", "--app-id", "local-app", "--motion-server-console", _sink.ConsoleUrl,
            "--motion-server-ingress", new UriBuilder(motionServer) { Scheme = "ws", Path = "/v2/driveningress" }.ToString(),
            "--log-level", "trace", "--log-format", "json");
        _relayUrl = await ServeAsync(
            environment, "relay", "--urls", "http://127.0.0.1:0", "--gateway", _gatewayUrl.ToString(), "--log-level", "trace", "--log-format", "json");
    }

    public async Task DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(_services))
        {
            await service.DisposeAsync();
        }

        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task Session_FromOpenToClose_CanBeToldFromLogsAndTracesAndNoSecretIsInThem()
    {
        string sessionId = await LiveAsync();
        await StopAsync();
        var gateway = LoggedLine.Read(_services[1]);
        var relay = LoggedLine.Read(_services[2]);

        AssertGatewayTells(gateway, sessionId);
        AssertRelayTells(relay, sessionId);
        AssertTraced(sessionId);
        AssertNothingIsGivenAway();
    }

    private static void AssertGatewayTells(IReadOnlyList<LoggedLine> log, string sessionId)
    {
        var lines = log.Where(line => line.SessionId == sessionId).ToList();
        string[] story = [.. lines.Where(line => line.Category.EndsWith(".SessionHost", StringComparison.Ordinal)).Select(line => line.Event)];
        AssertInOrder(["LegOpened", "Opened", "TurnBegan", "LegLost", "LegOpened", "Recovered", "TurnEnded", "Resumed", "TurnBegan", "TurnEnded", "Interrupted", "Closed"], story);

        var turns = lines.Where(line => line.Event == "TurnEnded").ToList();
        Assert.Equal([("one", "Completed"), ("two", "Interrupted")], turns.Select(turn => (turn.Text("turn_id"), turn.Text("outcome"))));
        Assert.InRange(turns[0].Number("first_motion_ms"), 0, turns[0].Number("ended_ms"));
        Assert.InRange(turns[0].Number("recoveries"), 1, 10);
        Assert.Equal(Clip.CountKeyframes(Clip.Read(Seconds).Length), turns[0].Number("keyframe_count"));
        Assert.Equal(TraceId, turns[0].Text("trace_id"));

        // What the Server SDK says of the session's connections bears the session's id too.
        string[] connections = [.. lines.Where(line => line.Event == "LegOpened").Select(line => line.Text("connection_id"))];
        Assert.Equal(2, connections.Length);
        Assert.All(
            log.Where(line => line.Category.StartsWith("MotionGateway.MotionServer", StringComparison.Ordinal) && connections.Contains(line.Text("connection_id"))),
            line => Assert.Equal(sessionId, line.SessionId));
        Assert.All(log, line => Assert.EndsWith("Z", line.Text("timestamp"), StringComparison.Ordinal));
        AssertInOrder(["Started", "Stopping", "Draining", "Drained", "Stopped"], log.Select(line => line.Event));
        var refused = log.Single(line => line.Event == "FieldRefused");
        Assert.Equal(("session_id", "SessionNotFound", "no-such-session"), (refused.Text("field"), refused.Text("reason"), refused.SessionId));
        Assert.All(log, line => Assert.DoesNotContain("(null)", line.Text("message"), StringComparison.Ordinal));
    }

    private static void AssertRelayTells(IReadOnlyList<LoggedLine> log, string sessionId)
    {
        var lines = log.Where(line => line.SessionId == sessionId).ToList();
        AssertInOrder(["Began", "Came", "Left"], lines.Select(line => line.Event));
        var left = lines.Single(line => line.Event == "Left");
        Assert.Equal(("watcher", "closed by it", "0"), (left.Text("viewer_id"), left.Text("reason"), left.Text("viewers")));
        Assert.All(
            lines.Where(line => line.Event is "Came" or "Left"),
            line => Assert.Equal(lines.First(other => other.Event == "Came").Text("reader_id"), line.Text("reader_id")));
    }

    // One trace from the caller's span on: its turns, and of each what was asked of the Motion Server for it.
    private void AssertTraced(string sessionId)
    {
        var spans = _sink.Spans.Where(span => span.TraceId == TraceId).ToList();
        var turn = spans.Single(span => span.Name == "turn" && span.Attributes["turn.id"] == "one");
        var call = spans.Single(span => span.SpanId == turn.ParentSpanId);
        Assert.Equal(CallerSpan, call.ParentSpanId);
        Assert.Equal((sessionId, "Completed"), (turn.Attributes["session.id"], turn.Attributes["turn.outcome"]));
        Assert.Equal(["motion_lost", "motion_recovered"], turn.Events.Distinct());
        var parts = spans.Where(span => span.ParentSpanId == turn.SpanId).ToList();
        Assert.Equal(2, parts.Count(span => span.Name == "motion_server request"));
        Assert.Contains(parts, span => span.Name == "motion_server connect");

        byte[] traceId = Convert.FromHexString(TraceId);
        Assert.Contains(_sink.Bodies("logs"), body => body.AsSpan().IndexOf(traceId) >= 0 && body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(sessionId)) >= 0);
        Assert.Contains(_sink.Bodies("metrics"), body => body.AsSpan().IndexOf(traceId) >= 0);
    }

    private void AssertNothingIsGivenAway()
    {
        _secrets.AddRange(_sink.Tokens);
        Assert.True(_secrets.Count >= 7, "Not all secrets are known.");
        foreach (string secret in _secrets)
        {
            Assert.True(secret.Length > 10);
            Assert.DoesNotContain(_services[1..].SelectMany(service => service.Lines), line => line.Contains(secret, StringComparison.Ordinal));
            byte[] bytes = Encoding.UTF8.GetBytes(secret);
            Assert.DoesNotContain((string[])["traces", "metrics", "logs"], signal => _sink.Bodies(signal).Any(body => body.AsSpan().IndexOf(bytes) >= 0));
        }
    }

    private static void AssertInOrder(string[] expected, IEnumerable<string> actual)
    {
        string[] all = [.. actual];
        int found = 0;
        foreach (string one in all)
        {
            found += found < expected.Length && one == expected[found] ? 1 : 0;
        }

        Assert.True(found == expected.Length, $"No {expected.ElementAtOrDefault(found)} in its place among {string.Join(", ", all)}.");
    }

    private async Task<string> LiveAsync()
    {
        using var channel = GrpcChannel.ForAddress(_gatewayUrl);
        var invoker = channel.Intercept(metadata =>
        {
            metadata.Add("traceparent", $"00-{TraceId}-{CallerSpan}-01");
            return metadata;
        });
        var speech = new SpeechService.SpeechServiceClient(invoker);
        using var first = await Speaker.OpenAsync(speech, open => open.AvatarId = Avatar);
        string sessionId = first.SessionId;
        using var viewer = await ViewAsync(new SessionService.SessionServiceClient(channel), sessionId);
        await first.SayAsync(Clip.Read(Seconds), "one");
        await first.TurnEndedAsync("one");
        await viewer.ReceiveUntilAsync(response => response.Payload?.TurnEnded is not null);
        await viewer.CloseAsync();

        using var second = await first.ResumeAsync(speech);
        await second.SendAudioAsync(Clip.ReadLong(), "two");
        await second.WaitForAsync(response => response.Payload?.Audio is not null);
        await second.InterruptAsync();
        await second.SendAsync(new SpeakRequest { Close = new CloseSession() });
        await second.WaitForEndAsync();
        _secrets.AddRange([first.Opened.ResumeToken, second.Opened.ResumeToken, first.Opened.ViewerToken, second.Opened.ViewerToken]);

        await Assert.ThrowsAsync<RpcException>(() => FeedReader.OpenAsync(new FeedService.FeedServiceClient(channel), "no-such-session"));
        return sessionId;
    }

    // By each way in which a viewer shows who it is, so that none of them tells.
    private async Task<TestViewer> ViewAsync(SessionService.SessionServiceClient sessions, string sessionId)
    {
        string token = (await sessions.CreateViewerTokenAsync(new CreateViewerTokenRequest { SessionId = sessionId, ViewerId = "watcher" })).ViewerToken;
        using var http = new HttpClient { BaseAddress = _relayUrl };
        using var ask = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/{sessionId}/tickets");
        ask.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(ask);
        string ticket = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("ticket").GetString()!;
        using var published = await http.GetAsync(new Uri($"/d/{token}/api/config", UriKind.Relative));
        Assert.True(published.IsSuccessStatusCode);
        using var events = await http.GetAsync(
            new Uri($"/v1/sessions/{sessionId}/events?ticket={ticket}&start=nowhere", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, events.StatusCode);
        _secrets.AddRange([token, ticket]);

        var viewer = await TestViewer.ConnectAsync(
            new UriBuilder(_relayUrl) { Scheme = "ws", Path = $"/v1/sessions/{sessionId}/feed" }.Uri, json: false, acknowledge: true);
        await viewer.StartAsync(start => start.ViewerToken = token);
        await viewer.ReceiveUntilAsync(response => response.Started is not null);
        return viewer;
    }

    // The relay first: it is to tell of its viewer, and not of a gateway that goes.
    private async Task StopAsync()
    {
        foreach (var service in Enumerable.Reverse(_services[1..]))
        {
            await ChildProcess.RunAsync("kill", ["-TERM", $"{service.Id}"]);
            Assert.True(await service.WaitAsync() == 0, service.ToString());
        }
    }

    private async Task<Uri> ServeAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var (process, url) = await Executable.ServeAsync(arguments, environment: environment);
        _services.Add(process);
        return url;
    }
}
