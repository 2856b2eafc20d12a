using System.CommandLine;
using MotionGateway.Cli.Checking;
using MotionGateway.Cli.Connecting;
using MotionGateway.Cli.Output;

namespace MotionGateway.Cli.Commands;

/// <summary><c>check</c>: checks a deployment from outside.</summary>
internal static class CheckCommand
{
    private static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    private const string Summary = "Check a deployment from outside, step by step, and tell what is wrong and what helps.";

    private const string Explanation =
        "It looks at addresses, certificates, health, clocks and the credential, then opens a session, says a tone of one second,\n"
        + "and follows it at the relay. A step is skipped when one that it builds on has failed. The exit code is 0 when nothing has\n"
        + "failed. With --json there is a line for each step, and a last one that sums up.";

    public static Command Create()
    {
        var gateway = CommonOptions.Gateway();
        var relay = CommonOptions.Relay("The relay's address");
        var noRelay = new Option<bool>("--no-relay") { Description = "There is no relay." };
        var avatar = CommonOptions.Avatar();
        var timeout = CommonOptions.Time("--timeout", "How long all of it may take.", "30s");
        var motionServer = new MotionServerTrialOptions();
        var connection = new ConnectionOptions();
        var json = CommonOptions.Json();
        var command = new ExplainedCommand("check", Summary, Explanation) { gateway, relay, noRelay, avatar, timeout, json };
        motionServer.AddTo(command);
        connection.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var plan = new CheckPlan(
                CommonOptions.ToAddress(parsed.GetRequiredValue(gateway), gateway.Name),
                parsed.GetValue(noRelay) ? null : CommonOptions.ToRelayAddress(parsed.GetRequiredValue(relay), relay.Name),
                parsed.GetRequiredValue(avatar),
                motionServer.Read(parsed));
            return RunAsync(
                plan, connection.Read(parsed), ToTimeout(parsed.GetRequiredValue(timeout), timeout.Name), new CheckView(new Screen(parsed.GetValue(json))), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        CheckPlan plan, Connection connection, TimeSpan timeout, CheckView view, CancellationToken cancellationToken)
    {
        await using var deployment = new Deployment(plan, connection, TimeProvider.System);
        var results = await new CheckRunner(TimeProvider.System, view.Show).RunAsync(deployment.CreateChecks(), timeout, cancellationToken);
        return view.ShowSum(results) ? ExitCode.Ok : ExitCode.Failure;
    }

    private static TimeSpan ToTimeout(string text, string option)
    {
        var timeout = CommonOptions.ToTime(text, option);
        return timeout >= MinTimeout && timeout <= MaxTimeout ? timeout
            : throw new CommandException($"{option} takes 1s to 1h.", ExitCode.Usage);
    }
}
