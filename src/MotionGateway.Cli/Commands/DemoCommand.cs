using System.CommandLine;
using Microsoft.Extensions.Logging;
using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Demo;
using MotionGateway.Cli.Demo.Agent;
using MotionGateway.Cli.Hosting;
using MotionGateway.Cli.Output;
using MotionGateway.Cli.Viewing;
using MotionGateway.LocalMotion;
using MotionGateway.V1;

namespace MotionGateway.Cli.Commands;

/// <summary><c>demo</c>: everything in one process, with something to see.</summary>
internal static class DemoCommand
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);

    private const string Summary =
        "See it work, without credentials: all services on this machine, a clip of speech, and what a viewer receives.";

    private const string Explanation =
        "It starts the local Motion Server, a gateway and a relay in one process, says a clip, and follows the session through\n"
        + "the relay as a browser does. On its page one can talk to it: what is spoken is said back, and what is typed is spoken\n"
        + "by espeak-ng where that is installed. It serves until Ctrl+C; with --once it ends after the clip, and the exit code\n"
        + "tells whether everything arrived. With --json the last line of standard output is the result.";

    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "End when the clip has been heard, about 20 s. The exit code tells whether all arrived." };
        var noSpeak = new Option<bool>("--no-speak") { Description = "Say nothing by itself." };
        var realTime = new Option<bool>("--realtime") { Description = "Speech and motion come at the speed of a live voice." };
        var recorded = new Option<bool>("--recorded-segments")
        {
            Description = "Motion comes strictly in pieces of 2 and then 4 s, as recorded from the real service. A live voice needs --max-motion-wait-ms 4500 then.",
        };
        var delivery = new DeliveryOptions();
        var gateway = Address("--gateway-url", CommonOptions.GatewayUrl, "gateway");
        var relay = Address("--relay-url", CommonOptions.RelayUrl, "relay");
        var motionServer = Address("--motion-server-url", ServiceSettings.LocalMotionServerUrl, "local Motion Server");
        var logLevel = CommonOptions.LogLevel(LogLevel.Error);
        var json = CommonOptions.Json();
        var command = new ExplainedCommand("demo", Summary, Explanation) { once, noSpeak, realTime, recorded, gateway, relay, motionServer, logLevel, json };
        delivery.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var plan = new DemoPlan(
                parsed.GetValue(once), !parsed.GetValue(noSpeak), parsed.GetValue(realTime), parsed.GetValue(recorded) ? MotionSegments.Recorded : MotionSegments.Adaptive,
                delivery.Read(parsed),
                new DemoAddresses(parsed.GetValue(gateway), parsed.GetValue(relay), parsed.GetValue(motionServer)),
                parsed.GetValue(logLevel));
            if (plan is { IsOnce: true, IsSpeaking: false })
            {
                throw new CommandException("--once ends after the clip, which --no-speak leaves out: give one of them.", ExitCode.Usage);
            }

            plan.Addresses.Check();
            return RunAsync(plan, new Screen(parsed.GetValue(json)), cancellationToken);
        });
        return command;
    }

    private static Option<string?> Address(string name, string defaultUrl, string what) => new(name)
    {
        Description = $"Where the {what} listens; port 0 takes a free one. [default: {defaultUrl}, or a free port when that is taken]",
        HelpName = "URL",
    };

    private static async Task<int> RunAsync(DemoPlan plan, Screen screen, CancellationToken cancellationToken)
    {
        using var telemetry = Telemetry.Start("demo");
        var clip = await DemoClip.LoadAsync(cancellationToken);
        var endpoints = new DemoEndpoints(clip);
        var view = new DemoView(screen);
        var pace = plan.IsRealTime ? ProcessingPace.RealTime : ProcessingPace.AsFastAsPossible;
        screen.Line("Starting a local Motion Server, a gateway and a relay in this process.");
        screen.Line($"*** {MotionServerCredentials.LocalNotice} ***");
        var speech = new DemoSpeech(clip.SampleRate, plan.Delivery, plan.IsRealTime);
        await using var services = await DemoServices.StartAsync(
            plan.Addresses, pace, plan.Segments, plan.LogLevel, endpoints.Map,
            gateway => new DemoArrivals(gateway, clip, speech, CreateAgent), screen.Line, cancellationToken);
        screen.Line($"local Motion Server {Origin(services.MotionServerUrl)}, gateway {Origin(services.GatewayUrl)}, relay {Origin(services.RelayUrl)}");

        await using var agent = CreateAgent();
        await using var session = await DemoSession.OpenAsync(
            services, speech, view, agent, cancellationToken);
        // It ends before the session does: else it would answer into nothing.
        await using var answering = agent;
        endpoints.Session = session;
        screen.Line($"session {session.SessionId}");
        return plan.IsOnce
            ? await RunOnceAsync(session, clip, view, screen, cancellationToken)
            : await ServeAsync(session, services, plan.IsSpeaking ? clip : null, view, screen, cancellationToken);

        DemoAgent CreateAgent() => new(clip, EspeakVoice.Find(Environment.GetEnvironmentVariable("PATH")), view.Notice, TimeProvider.System);
    }

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);

    private static async Task<int> RunOnceAsync(
        DemoSession session, DemoClip clip, DemoView view, Screen screen, CancellationToken cancellationToken)
    {
        await view.ShowUntilAsync(SayWholeAsync(session, clip, cancellationToken));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CloseLimit);
        await session.CloseAsync(limit.Token);

        var report = DemoReport.Create(session, clip);
        screen.Line(
            $"{report.Turns} turn, {report.AudioMs:0} of {report.ClipMs:0} ms of audio in {report.AudioBytesReceived} bytes, {report.MotionMessages} motion messages, "
            + $"{report.Keyframes} keyframes, last sequence {report.LastSequence}, first motion after {report.TimeToFirstMotionMs} ms");
        if (screen.IsJson)
        {
            screen.Json(report);
        }

        string[] problems = [.. report.FindProblems(), .. session.Viewer.Contiguity.Violations];
        return problems.Length == 0 ? ExitCode.Ok : throw new CommandException($"Not all is well: {string.Join("; ", problems)}.");
    }

    private static async Task<int> ServeAsync(
        DemoSession session, DemoServices services, DemoClip? clip, DemoView view, Screen screen, CancellationToken cancellationToken)
    {
        screen.Line($"open {Origin(services.RelayUrl)}/    the relay of a demo gives its page a token of this session");
        screen.Line($"say it again: curl -X POST {Origin(services.RelayUrl)}/demo/say    stop: Ctrl+C");
        if (screen.IsJson)
        {
            screen.Json(new
            {
                sessionId = session.SessionId,
                page = ViewerPage.AddressOf(services.RelayUrl, session.SessionId, session.Opened.ViewerToken),
                relayUrl = Origin(services.RelayUrl),
                gatewayUrl = Origin(services.GatewayUrl),
                motionServerUrl = Origin(services.MotionServerUrl),
            });
        }

        try
        {
            await view.ShowUntilAsync(ServeAsync(session, clip, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // To be ended by a signal is how it ends.
        }

        return ExitCode.Ok;
    }

    private static async Task ServeAsync(DemoSession session, DemoClip? clip, CancellationToken cancellationToken)
    {
        if (clip is not null)
        {
            await SayWholeAsync(session, clip, cancellationToken);
        }

        await session.Running.WaitAsync(cancellationToken);
        throw new CommandException("The demo's session was closed: start the demo again.");
    }

    private static async Task SayWholeAsync(DemoSession session, DemoClip clip, CancellationToken cancellationToken)
    {
        string turnId = await session.BeginAsync(clip.Samples, cancellationToken)
            ?? throw new CommandException("Too many turns wait to be heard.");
        await session.WaitForEndAsync(turnId, cancellationToken);
    }

    private sealed record DemoPlan(bool IsOnce, bool IsSpeaking, bool IsRealTime, MotionSegments Segments, Delivery? Delivery, DemoAddresses Addresses, LogLevel LogLevel);
}
