using System.CommandLine;
using Google.Protobuf;
using Grpc.Net.Client;
using MotionGateway.Cli.Output;
using MotionGateway.V1;
using Spectre.Console;

namespace MotionGateway.Cli.Commands;

/// <summary><c>sessions</c>: shows sessions and acts on them.</summary>
internal static class SessionsCommand
{
    public static Command Create()
    {
        var gateway = CommonOptions.Gateway();
        gateway.Recursive = true;
        var json = CommonOptions.Json();
        json.Recursive = true;
        var command = new Command("sessions", "Show the sessions of a gateway, and act on them. Without a further word: list them.")
        {
            gateway, json, List(gateway, json), Get(gateway, json), Interrupt(gateway, json), Close(gateway, json), Token(gateway, json),
        };
        command.SetAction((parsed, cancellationToken) => ListAsync(parsed, gateway, json, cancellationToken));
        return command;
    }

    private static Argument<string> SessionId() => new("session") { Description = "The session's id." };

    private static Command List(Option<string> gateway, Option<bool> json)
    {
        var command = new Command("list", "List the sessions, oldest first.");
        command.SetAction((parsed, cancellationToken) => ListAsync(parsed, gateway, json, cancellationToken));
        return command;
    }

    private static Command Get(Option<string> gateway, Option<bool> json)
    {
        var id = SessionId();
        var command = new Command("get", "Show one session with its latest turns.") { id };
        command.SetAction((parsed, cancellationToken) => CallAsync(parsed, gateway, json, async (client, screen) =>
        {
            var answer = await client.GetSessionAsync(
                new GetSessionRequest { SessionId = parsed.GetRequiredValue(id) }, cancellationToken: cancellationToken);
            Show(screen, answer.Session);
        }));
        return command;
    }

    private static Command Interrupt(Option<string> gateway, Option<bool> json)
    {
        var id = SessionId();
        var turn = new Option<string>("--turn") { Description = "The turn; without it the one that is playing.", HelpName = "ID", DefaultValueFactory = _ => "" };
        var reason = Reason();
        var command = new Command("interrupt", "Stop a turn: what was not heard is discarded, at every viewer.") { id, turn, reason };
        command.SetAction((parsed, cancellationToken) => CallAsync(parsed, gateway, json, async (client, screen) =>
        {
            var request = new InterruptSessionRequest
            {
                SessionId = parsed.GetRequiredValue(id),
                TurnId = parsed.GetRequiredValue(turn),
                Reason = parsed.GetRequiredValue(reason),
            };
            var done = (await client.InterruptSessionAsync(request, cancellationToken: cancellationToken)).Interrupted;
            string what = done.AlreadyEnded
                ? done.TurnId.Length > 0 ? $"turn {done.TurnId} had ended already" : "no turn is playing"
                : $"turn {done.TurnId} interrupted after {done.PlayedSamples} samples"
                    + (done.Discarded is { } range ? $"; sequences {range.From}..{range.Through} are void" : "");
            Show(screen, done, what);
        }));
        return command;
    }

    private static Command Close(Option<string> gateway, Option<bool> json)
    {
        var id = SessionId();
        var reason = Reason();
        var command = new Command("close", "Close a session.") { id, reason };
        command.SetAction((parsed, cancellationToken) => CallAsync(parsed, gateway, json, async (client, screen) =>
        {
            var request = new CloseSessionRequest { SessionId = parsed.GetRequiredValue(id), Reason = parsed.GetRequiredValue(reason) };
            var answer = await client.CloseSessionAsync(request, cancellationToken: cancellationToken);
            Show(screen, answer.Session, $"session {answer.Session.SessionId} closed");
        }));
        return command;
    }

    private static Command Token(Option<string> gateway, Option<bool> json)
    {
        var id = SessionId();
        var viewer = new Option<string>("--viewer") { Description = "Id of the viewer; made up without it.", HelpName = "ID", DefaultValueFactory = _ => "" };
        var lifetime = new Option<int>("--lifetime") { Description = "Seconds until it expires; 0: the gateway's default.", HelpName = "SECONDS" };
        var mayInterrupt = new Option<bool>("--may-interrupt") { Description = "The viewer may interrupt the avatar." };
        var mayTalk = new Option<bool>("--may-talk") { Description = "The viewer may send text and microphone audio." };
        var command = new Command("token", "Make a token for one viewer, and write it to standard output.") { id, viewer, lifetime, mayInterrupt, mayTalk };
        command.SetAction((parsed, cancellationToken) => CallAsync(parsed, gateway, json, async (client, screen) =>
        {
            var request = new CreateViewerTokenRequest
            {
                SessionId = parsed.GetRequiredValue(id),
                ViewerId = parsed.GetRequiredValue(viewer),
                LifetimeSeconds = parsed.GetValue(lifetime),
                MayInterrupt = parsed.GetValue(mayInterrupt),
                MayTalk = parsed.GetValue(mayTalk),
            };
            var answer = await client.CreateViewerTokenAsync(request, cancellationToken: cancellationToken);
            Show(screen, answer, answer.ViewerToken);
        }));
        return command;
    }

    private static Option<string> Reason() =>
        new("--reason") { Description = "For viewers, at most 128 bytes.", HelpName = "TEXT", DefaultValueFactory = _ => "" };

    private static Task<int> ListAsync(ParseResult parsed, Option<string> gateway, Option<bool> json, CancellationToken cancellationToken) =>
        CallAsync(parsed, gateway, json, async (client, screen) =>
        {
            var request = new ListSessionsRequest();
            var sessions = new List<Session>();
            do
            {
                var answer = await client.ListSessionsAsync(request, cancellationToken: cancellationToken);
                sessions.AddRange(answer.Sessions);
                request.PageToken = answer.NextPageToken;
            }
            while (request.PageToken.Length > 0);

            Show(screen, sessions);
        });

    private static async Task<int> CallAsync(
        ParseResult parsed, Option<string> gateway, Option<bool> json, Func<SessionService.SessionServiceClient, Screen, Task> call)
    {
        using var channel = GrpcChannel.ForAddress(CommonOptions.ToAddress(parsed.GetRequiredValue(gateway), "--gateway"));
        await call(new SessionService.SessionServiceClient(channel), new Screen(parsed.GetValue(json)));
        return ExitCode.Ok;
    }

    private static void Show(Screen screen, IMessage answer, string text)
    {
        if (screen.IsJson)
        {
            Console.Out.WriteLine(JsonFormatter.Default.Format(answer));
        }
        else
        {
            screen.Line(text);
        }
    }

    private static void Show(Screen screen, List<Session> sessions)
    {
        if (screen.IsJson)
        {
            sessions.ForEach(session => Console.Out.WriteLine(JsonFormatter.Default.Format(session)));
            return;
        }

        if (sessions.Count == 0)
        {
            screen.Line("No sessions.");
            return;
        }

        var table = new Table().AddColumns("session", "avatar", "state", "turns", "readers", "position", "opened");
        foreach (var session in sessions)
        {
            table.AddRow(
                Cell(session.SessionId), Cell(session.AvatarId), Cell(session.State), Cell(session.TurnCount), Cell(session.ReaderCount),
                Cell($"{session.Position.Epoch}:{session.Position.Sequence}"), Cell(session.CreateTime.ToDateTime().ToString("u")));
        }

        screen.Console.Write(table);
    }

    private static void Show(Screen screen, Session session)
    {
        if (screen.IsJson)
        {
            Console.Out.WriteLine(JsonFormatter.Default.Format(session));
            return;
        }

        Show(screen, [session]);
        var table = new Table().AddColumns("turn", "state", "outcome", "samples", "keyframes", "heard");
        foreach (var turn in session.Turns)
        {
            table.AddRow(
                Cell(turn.TurnId), Cell(turn.State), Cell(turn.Outcome == TurnOutcome.Unspecified ? "" : turn.Outcome),
                Cell(turn.SampleCount), Cell(turn.KeyframeCount), Cell(turn.PlayedSamples));
        }

        screen.Console.Write(table);
    }

    private static string Cell(object value) => Markup.Escape(Screen.Clean($"{value}"));
}
