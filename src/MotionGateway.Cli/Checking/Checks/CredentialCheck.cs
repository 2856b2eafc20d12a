using Grpc.Core;
using MotionGateway.Cli.Output;
using MotionGateway.V1;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>The caller is known to the gateway. What it may do is told; that it may speak shows when a session is opened.</summary>
internal sealed class CredentialCheck(SessionService.SessionServiceClient client) : ICheck
{
    // Whoever has the right to it is told that it is not there.
    private const string NoSession = "no-such-session";

    private static readonly StatusCode[] Answers = [StatusCode.OK, StatusCode.NotFound];

    public string Name => CheckNames.Credential;

    public IReadOnlyList<string> Needs => [CheckNames.Protocol("gateway")];

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        (string Scope, Func<Task> Call)[] calls =
        [
            ("read", () => client.GetViewerTokenKeysAsync(new(), cancellationToken: cancellationToken).ResponseAsync),
            ("operate", () => client.ListSessionsAsync(new() { PageSize = 1 }, cancellationToken: cancellationToken).ResponseAsync),
            ("issue-tokens", () => client.CreateViewerTokenAsync(new() { SessionId = NoSession }, cancellationToken: cancellationToken).ResponseAsync),
        ];
        List<string> granted = [];
        List<string> missing = [];
        foreach (var (scope, call) in calls)
        {
            (await IsGrantedAsync(call) ? granted : missing).Add(scope);
        }

        string has = granted.Count > 0 ? $"has {string.Join(", ", granted)}" : "is known";
        return CheckFinding.Ok(missing.Count > 0 ? $"{has}; lacks {string.Join(", ", missing)}" : has);
    }

    private static async Task<bool> IsGrantedAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (RpcException failure) when (Answers.Contains(failure.StatusCode))
        {
            return true;
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.PermissionDenied)
        {
            return false;
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unauthenticated)
        {
            throw new CheckFailedException($"The gateway does not know this caller. {Failures.Describe(failure)}", Remedies.Credential);
        }
    }
}
