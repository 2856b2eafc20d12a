using System.CommandLine;
using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using MotionGateway.Cli.Output;
using MotionGateway.Protocol;

namespace MotionGateway.Cli.Commands;

/// <summary><c>health</c>: asks a gateway or a relay whether it is ready.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private const int MaxAnswerBytes = 16 * 1024;

    private const string Summary = "Ask a gateway or a relay whether it is ready, for health checks of containers and for scripts.";

    private const string Explanation =
        "Exit code 0: it takes new sessions, or new viewers. 1: it does not, or did not answer within 5 s.\n"
        + "Neither needs a credential for it.";

    public static Command Create()
    {
        var gateway = CommonOptions.Setting("--gateway", "URL", $"The gateway's gRPC address, such as {CommonOptions.GatewayUrl}.");
        var relay = CommonOptions.Setting("--relay", "URL", $"The relay's address, such as {CommonOptions.RelayUrl}.");
        var json = CommonOptions.Json();
        var command = new ExplainedCommand("health", Summary, Explanation) { gateway, relay, json };
        command.SetAction((parsed, cancellationToken) => (parsed.GetValue(gateway), parsed.GetValue(relay)) switch
        {
            ({ } url, null) => AskAsync(AskGatewayAsync, "gateway", CommonOptions.ToAddress(url, gateway.Name), new Screen(parsed.GetValue(json)), cancellationToken),
            (null, { } url) => AskAsync(AskRelayAsync, "relay", CommonOptions.ToAddress(url, relay.Name), new Screen(parsed.GetValue(json)), cancellationToken),
            _ => throw new CommandException($"Name one service: {gateway.Name} URL, or {relay.Name} URL.", ExitCode.Usage),
        });
        return command;
    }

    private static async Task<int> AskAsync(
        Func<Uri, CancellationToken, Task> ask, string service, Uri url, Screen screen, CancellationToken cancellationToken)
    {
        await ask(url, cancellationToken);
        screen.Line($"The {service} at {url} is ready.");
        if (screen.IsJson)
        {
            screen.Json(new { service, url, ready = true });
        }

        return ExitCode.Ok;
    }

    private static async Task AskGatewayAsync(Uri url, CancellationToken cancellationToken)
    {
        using var channel = GatewayChannel.ForAddress(url);
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

    private static async Task AskRelayAsync(Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = AnswerLimit, MaxResponseContentBufferSize = MaxAnswerBytes };
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
