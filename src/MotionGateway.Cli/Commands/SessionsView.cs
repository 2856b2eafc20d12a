using Google.Protobuf;
using MotionGateway.Cli.Output;
using MotionGateway.V1;
using Spectre.Console;

namespace MotionGateway.Cli.Commands;

/// <summary>Shows sessions: tables and lines for people, the messages of the API as JSON lines for programs.</summary>
internal sealed class SessionsView(Screen screen)
{
    /// <summary>Shows an answer.</summary>
    /// <param name="answer">For programs.</param>
    /// <param name="text">For people.</param>
    public void Show(IMessage answer, string text)
    {
        if (screen.IsJson)
        {
            screen.Json(answer);
        }
        else
        {
            screen.Line(text);
        }
    }

    /// <summary>Shows a list.</summary>
    public void Show(IReadOnlyCollection<Session> sessions)
    {
        if (screen.IsJson)
        {
            foreach (var session in sessions)
            {
                screen.Json(session);
            }

            return;
        }

        if (sessions.Count == 0)
        {
            screen.Line("No sessions.");
            return;
        }

        var table = new Table().AddColumns("session", "avatar", "caller", "state", "turns", "readers", "position", "opened", "labels");
        foreach (var session in sessions)
        {
            table.AddRow(
                Cell(session.SessionId), Cell(session.AvatarId), Cell(session.Caller), Cell(session.State), Cell(session.TurnCount), Cell(session.ReaderCount),
                Cell(Position(session)), Cell(session.CreateTime.ToDateTime().ToString("u")), Cell(Labels(session)));
        }

        screen.Console.Write(table);
    }

    /// <summary>Shows one session with its turns.</summary>
    public void Show(Session session)
    {
        Show([session]);
        if (screen.IsJson)
        {
            return;
        }

        var table = new Table().AddColumns("turn", "state", "outcome", "samples", "keyframes", "heard");
        foreach (var turn in session.Turns)
        {
            table.AddRow(
                Cell(turn.TurnId), Cell(turn.State), Cell(turn.Outcome == TurnOutcome.Unspecified ? "" : turn.Outcome),
                Cell(turn.SampleCount), Cell(turn.KeyframeCount), Cell(turn.PlayedSamples));
        }

        screen.Console.Write(table);
    }

    /// <summary>Shows what a session has become, in one line.</summary>
    public void ShowChange(Session session)
    {
        string turn = session.Turns is [.., var last]
            ? $"turn {last.TurnId} {(last.Outcome == TurnOutcome.Unspecified ? last.State : last.Outcome)}, {last.SampleCount} samples, {last.KeyframeCount} keyframes"
            : "no turn yet";
        Show(session, $"{DateTime.Now:HH:mm:ss.fff}  {session.State}  position {Position(session)}  readers {session.ReaderCount}  {turn}");
    }

    private static string Position(Session session) => $"{session.Position.Epoch}:{session.Position.Sequence}";

    private static string Labels(Session session) =>
        string.Join(' ', session.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));

    private static string Cell(object value) => Markup.Escape(Screen.Clean($"{value}"));
}
