using System.CommandLine;
using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using MotionGateway.Cli.Connecting;
using MotionGateway.Cli.Output;

namespace MotionGateway.Cli.Commands;

/// <summary><c>health</c>: asks a gateway or a relay whether it is ready.</summary>
internal static class HealthCommand
{
    private const int MaxAnswerBytes = 16 * 1024;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private const string Summary = "Ask a gateway or a relay whether it is ready, for health checks of containers and for scripts.";

    private const string Explanation =
        "Exit code 0: it takes new sessions, or new viewers. 1: it does not, or did not answer within 5 s.\n"
        + "Neither needs a credential for it, but where a gateway wants a certificate of everybody.";

    public static Command Create()
    {
        var gateway = CommonOptions.Setting("--gateway", "URL", $"The gateway's gRPC address, such as {CommonOptions.GatewayUrl}.");
        var relay = CommonOptions.Setting("--relay", "URL", $"The relay's address, such as {CommonOptions.RelayUrl}.");
        var wait = CommonOptions.Time("--wait", "How long to ask again until it is ready, such as 30s.", "0s");
        var connection = new ConnectionOptions();
        var json = CommonOptions.Json();
        var command = new ExplainedCommand("health", Summary, Explanation) { gateway, relay, wait, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var peers = connection.Read(parsed);
            var (service, url, ask) = (parsed.GetValue(gateway), parsed.GetValue(relay)) switch
            {
                ({ } address, null) => ("gateway", CommonOptions.ToAddress(address, gateway.Name), (Ask)AskGatewayAsync),
                (null, { } address) => ("relay", CommonOptions.ToRelayAddress(address, relay.Name), AskRelayAsync),
                _ => throw new CommandException($"Name one service: {gateway.Name} URL, or {relay.Name} URL.", ExitCode.Usage),
            };
            var limit = CommonOptions.ToTime(parsed.GetRequiredValue(wait), wait.Name);
            await WaitAsync(() => ask(peers, url, cancellationToken), limit, cancellationToken);
            Show(service, url, new Screen(parsed.GetValue(json)));
            return ExitCode.Ok;
        });
        return command;
    }

    private delegate Task Ask(Connection peers, Uri url, CancellationToken cancellationToken);

    private static async Task WaitAsync(Func<Task> ask, TimeSpan limit, CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await ask();
                return;
            }
            catch (Exception failure) when (
                failure is CommandException or RpcException or HttpRequestException && TimeProvider.System.GetElapsedTime(began) < limit)
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    private static void Show(string service, Uri url, Screen screen)
    {
        screen.Line($"The {service} at {url} is ready.");
        if (screen.IsJson)
        {
            screen.Json(new { service, url, ready = true });
        }
    }

    private static async Task AskGatewayAsync(Connection peers, Uri url, CancellationToken cancellationToken)
    {
        using var channel = peers.OpenGateway(url);
        try
        {
            var answer = await new Health.HealthClient(channel).CheckAsync(
                new HealthCheckRequest(), deadline: DateTime.UtcNow + AnswerLimit, cancellationToken: cancellationToken);
            if (answer.Status != HealthCheckResponse.Types.ServingStatus.Serving)
            {
                throw NotReady($"The gateway at {url} takes no new sessions: it is full, or shuts down.");
            }
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.DeadlineExceeded)
        {
            throw NoAnswer("gateway", url);
        }
    }

    private static async Task AskRelayAsync(Connection peers, Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(peers.CreateRelayHandler()) { Timeout = AnswerLimit, MaxResponseContentBufferSize = MaxAnswerBytes };
        try
        {
            using var answer = await http.GetAsync(new Uri(url, "/readyz"), cancellationToken);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                string body = await answer.Content.ReadAsStringAsync(cancellationToken);
                throw NotReady($"The relay at {url} is not ready, and answers {(int)answer.StatusCode}: {body}");
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw NoAnswer("relay", url);
        }
    }

    private static CommandException NoAnswer(string service, Uri url) =>
        NotReady($"The {service} at {url} did not answer within {AnswerLimit.TotalSeconds:0} s.");

    private static CommandException NotReady(string message) => new(message) { Reason = "NOT_READY" };
}
