using System.CommandLine;
using MotionGateway.Cli.Connecting;
using MotionGateway.Cli.Loading;
using MotionGateway.Cli.Output;

namespace MotionGateway.Cli.Commands;

/// <summary><c>bench</c>: puts load on a deployment.</summary>
internal static class BenchCommand
{
    private const int MaxSessions = 10_000;
    private const int MaxViewers = 50_000;
    private static readonly TimeSpan MaxDuration = TimeSpan.FromHours(1);

    private const string Summary = "Put load on a deployment: sessions that speak at the pace of speech, with viewers each, and a table of what happened.";

    private const string Explanation =
        "Each session costs what a session costs: at a real Motion Server, credits. Viewers join at the relay. Delays are told from the\n"
        + "moment at which the speech was sent. Ctrl+C ends it early, with what was measured so far.";

    public static Command Create()
    {
        var gateway = CommonOptions.Gateway();
        var relay = CommonOptions.Relay("The relay at which viewers join");
        var noRelay = new Option<bool>("--no-relay") { Description = "Viewers read from the gateway." };
        var sessions = Number("--sessions", "Sessions at one time.", 1);
        var viewers = Number("--viewers-per-session", "Viewers of each.", 1);
        var duration = CommonOptions.Time("--duration", "How long they speak.", "30s");
        var ramp = CommonOptions.Time("--ramp", "Over which time sessions are opened.", "0s");
        var avatar = CommonOptions.Avatar();
        var connection = new ConnectionOptions();
        var json = CommonOptions.Json();
        var command = new ExplainedCommand("bench", Summary, Explanation)
        {
            sessions, viewers, duration, ramp, gateway, relay, noRelay, avatar, json,
        };
        connection.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var plan = new LoadPlan
            {
                Gateway = CommonOptions.ToAddress(parsed.GetRequiredValue(gateway), gateway.Name),
                Relay = parsed.GetValue(noRelay) ? null : CommonOptions.ToRelayAddress(parsed.GetRequiredValue(relay), relay.Name),
                AvatarId = parsed.GetRequiredValue(avatar),
                Sessions = parsed.GetValue(sessions),
                ViewersPerSession = parsed.GetValue(viewers),
                Duration = CommonOptions.ToTime(parsed.GetRequiredValue(duration), duration.Name),
                Ramp = CommonOptions.ToTime(parsed.GetRequiredValue(ramp), ramp.Name),
            };
            Check(plan);
            return RunAsync(plan, connection.Read(parsed), new Screen(parsed.GetValue(json)), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(LoadPlan plan, Connection connection, Screen screen, CancellationToken cancellationToken)
    {
        using var peers = new LoadPeers(plan, connection);
        var report = await new LoadRun(plan, peers, TimeProvider.System).RunAsync(cancellationToken);
        LoadView.Show(screen, report);
        return report.Sessions.Begun > 0 ? ExitCode.Ok : ExitCode.Failure;
    }

    private static void Check(LoadPlan plan)
    {
        string? problem =
            plan.Sessions is < 1 or > MaxSessions ? $"--sessions takes 1 to {MaxSessions}."
            : plan.ViewersPerSession < 0 || (long)plan.Sessions * plan.ViewersPerSession > MaxViewers
                ? $"--viewers-per-session takes 0 or more, and at most {MaxViewers} viewers in all."
            : plan.Duration < TimeSpan.FromSeconds(1) || plan.Duration > MaxDuration ? "--duration takes 1s to 1h."
            : plan.Ramp < TimeSpan.Zero || plan.Ramp >= plan.Duration ? "--ramp takes 0s or more, and less than --duration." : null;
        if (problem is not null)
        {
            throw new CommandException(problem, ExitCode.Usage);
        }
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
}
