using System.CommandLine;
using MotionGateway.V1;

namespace MotionGateway.Cli.Commands;

/// <summary>The commands below <c>sessions</c> that change something.</summary>
internal static class SessionsActions
{
    public static Command Interrupt(SessionsCalls calls)
    {
        var id = SessionsCommand.SessionId();
        var turn = new Option<string>("--turn") { Description = "The turn; without it the one that is playing.", HelpName = "ID", DefaultValueFactory = _ => "" };
        var reason = Reason();
        var command = new Command("interrupt", "Stop a turn: what was not heard is discarded, at every viewer.") { id, turn, reason };
        command.SetAction((parsed, cancellationToken) => calls.RunAsync(parsed, async (client, view) =>
        {
            var request = new InterruptSessionRequest
            {
                SessionId = parsed.GetRequiredValue(id),
                TurnId = parsed.GetRequiredValue(turn),
                Reason = parsed.GetRequiredValue(reason),
            };
            var done = (await client.InterruptSessionAsync(request, cancellationToken: cancellationToken)).Interrupted;
            view.Show(done, Describe(done));
        }));
        return command;
    }

    public static Command Close(SessionsCalls calls)
    {
        var id = SessionsCommand.SessionId();
        var reason = Reason();
        var command = new Command("close", "Close a session.") { id, reason };
        command.SetAction((parsed, cancellationToken) => calls.RunAsync(parsed, async (client, view) =>
        {
            var request = new CloseSessionRequest { SessionId = parsed.GetRequiredValue(id), Reason = parsed.GetRequiredValue(reason) };
            var answer = await client.CloseSessionAsync(request, cancellationToken: cancellationToken);
            view.Show(answer.Session, $"session {answer.Session.SessionId} closed");
        }));
        return command;
    }

    public static Command Token(SessionsCalls calls)
    {
        var id = SessionsCommand.SessionId();
        var viewer = new Option<string>("--viewer") { Description = "Id of the viewer; made up without it.", HelpName = "ID", DefaultValueFactory = _ => "" };
        var lifetime = new Option<int>("--lifetime") { Description = "Seconds until it expires; 0: the gateway's default.", HelpName = "SECONDS" };
        var mayInterrupt = new Option<bool>("--may-interrupt") { Description = "The viewer may interrupt the avatar." };
        var mayTalk = new Option<bool>("--may-talk") { Description = "The viewer may send text and microphone audio." };
        var command = new Command("token", "Make a token for one viewer, and write it to standard output.") { id, viewer, lifetime, mayInterrupt, mayTalk };
        command.SetAction((parsed, cancellationToken) => calls.RunAsync(parsed, async (client, view) =>
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
            view.Show(answer, answer.ViewerToken);
        }));
        return command;
    }

    public static Command Tone(SessionsCalls calls)
    {
        var id = SessionsCommand.SessionId();
        var duration = new Option<int>("--duration-ms") { Description = "How long; 0: one second, at most 30000.", HelpName = "MS" };
        var frequency = new Option<int>("--frequency") { Description = "How high; 0: 220 Hz, at most 4000.", HelpName = "HZ" };
        var command = new Command("tone", "Say a test tone into a session, as a turn of its own.") { id, duration, frequency };
        command.SetAction((parsed, cancellationToken) => calls.RunAsync(parsed, async (client, view) =>
        {
            var request = new SayTestToneRequest
            {
                SessionId = parsed.GetRequiredValue(id),
                DurationMs = parsed.GetValue(duration),
                FrequencyHz = parsed.GetValue(frequency),
            };
            var answer = await client.SayTestToneAsync(request, cancellationToken: cancellationToken);
            view.Show(answer, $"the tone is turn {answer.TurnId}");
        }));
        return command;
    }

    private static Option<string> Reason() =>
        new("--reason") { Description = "For viewers, at most 128 bytes.", HelpName = "TEXT", DefaultValueFactory = _ => "" };

    private static string Describe(InterruptAcknowledged done)
    {
        if (done.AlreadyEnded)
        {
            return done.TurnId.Length > 0 ? $"turn {done.TurnId} had ended already" : "no turn is playing";
        }

        string discarded = done.Discarded is { } range ? $"; sequences {range.From}..{range.Through} are void" : "";
        return $"turn {done.TurnId} interrupted after {done.PlayedSamples} samples{discarded}";
    }
}
