using System.CommandLine;
using MotionGateway.V1;

namespace MotionGateway.Cli.Commands;

/// <summary>The commands below <c>sessions</c> that only look.</summary>
internal static class SessionsQueries
{
    private static readonly SessionState[] States = [SessionState.Active, SessionState.Detached, SessionState.Closed];

    public static Command List(SessionsCalls calls)
    {
        var state = new Option<string?>("--state") { Description = "Only sessions in this state." };
        state.AcceptOnlyFromAmong([.. States.Select(NameOf)]);
        var label = new Option<string[]>("--label")
        {
            Description = "Only sessions with this label. May be given several times; all must be there.",
            HelpName = "KEY=VALUE",
            DefaultValueFactory = _ => [],
        };
        var app = new Option<string?>("--app") { Description = "Only sessions of this app.", HelpName = "NAME" };
        var caller = new Option<string?>("--caller") { Description = "Only sessions that this caller opened, such as key:agent.", HelpName = "ID" };
        var command = new Command("list", "List the sessions, oldest first.") { state, app, label, caller };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new ListSessionsRequest
            {
                State = Array.Find(States, known => NameOf(known) == parsed.GetValue(state)),
                App = parsed.GetValue(app) ?? "",
                Caller = parsed.GetValue(caller) ?? "",
            };
            foreach (string assignment in parsed.GetRequiredValue(label))
            {
                var (key, value) = Split(assignment);
                request.Labels[key] = value;
            }

            return ListAsync(parsed, calls, request, cancellationToken);
        });
        return command;
    }

    public static Command Get(SessionsCalls calls)
    {
        var id = SessionsCommand.SessionId();
        var command = new Command("get", "Show one session with its latest turns.") { id };
        command.SetAction((parsed, cancellationToken) => calls.RunAsync(parsed, async (client, view) =>
        {
            var request = new GetSessionRequest { SessionId = parsed.GetRequiredValue(id) };
            view.Show((await client.GetSessionAsync(request, cancellationToken: cancellationToken)).Session);
        }));
        return command;
    }

    public static Command Watch(SessionsCalls calls)
    {
        var id = SessionsCommand.SessionId();
        var command = new Command("watch", "Show one session now and after each change, a line each, until it is closed.") { id };
        command.SetAction((parsed, cancellationToken) => calls.RunAsync(parsed, async (client, view) =>
        {
            using var call = client.WatchSession(
                new WatchSessionRequest { SessionId = parsed.GetRequiredValue(id) }, cancellationToken: cancellationToken);
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                view.ShowChange(call.ResponseStream.Current.Session);
            }
        }));
        return command;
    }

    /// <summary>Lists the sessions that a request asks for, page by page.</summary>
    public static Task<int> ListAsync(ParseResult parsed, SessionsCalls calls, ListSessionsRequest request, CancellationToken cancellationToken) =>
        calls.RunAsync(parsed, async (client, view) =>
        {
            var sessions = new List<Session>();
            do
            {
                var answer = await client.ListSessionsAsync(request, cancellationToken: cancellationToken);
                sessions.AddRange(answer.Sessions);
                request.PageToken = answer.NextPageToken;
            }
            while (request.PageToken.Length > 0);

            view.Show(sessions);
        });

    private static string NameOf(SessionState state) => state.ToString().ToLowerInvariant();

    private static (string Key, string Value) Split(string assignment) => assignment.Split('=', 2) is [{ Length: > 0 } key, var value]
        ? (key, value) : throw new CommandException($"--label: '{assignment}' is not of the form KEY=VALUE.", ExitCode.Usage);
}
