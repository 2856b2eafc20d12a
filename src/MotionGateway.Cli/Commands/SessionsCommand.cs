using System.CommandLine;

namespace MotionGateway.Cli.Commands;

/// <summary><c>sessions</c>: shows sessions and acts on them.</summary>
internal static class SessionsCommand
{
    public static Command Create()
    {
        var calls = new SessionsCalls();
        var command = new Command("sessions", "Show the sessions of a gateway, and act on them. Without a further word: list them.")
        {
            calls.Gateway, calls.Json,
            SessionsQueries.List(calls), SessionsQueries.Get(calls), SessionsQueries.Watch(calls),
            SessionsActions.Interrupt(calls), SessionsActions.Close(calls), SessionsActions.Token(calls), SessionsActions.Tone(calls),
        };
        calls.Connection.AddTo(command, isRecursive: true);
        command.SetAction((parsed, cancellationToken) => SessionsQueries.ListAsync(parsed, calls, new V1.ListSessionsRequest(), cancellationToken));
        return command;
    }

    /// <summary>The argument that names a session.</summary>
    public static Argument<string> SessionId() => new("session") { Description = "The session's id." };
}
