namespace MotionGateway.Cli.Checking.Checks;

/// <summary>A viewer joins the session at the relay, by the token that the gateway made.</summary>
internal sealed class ViewerCheck(Peer relay, HttpMessageInvoker http, CheckedSession session) : ICheck
{
    private const string OtherGateway = "Let the relay follow this gateway by Relay:GatewayAddress, or name the relay of this gateway with --relay.";

    private static readonly string[] ReasonsOfOthers = ["VIEWER_TOKEN_INVALID", "SESSION_NOT_FOUND"];

    public string Name => CheckNames.Viewer;

    public IReadOnlyList<string> Needs => [CheckNames.Health("relay"), CheckNames.Session];

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await session.JoinAsync(relay.Address, http, cancellationToken);
            return CheckFinding.Ok("joined at the relay");
        }
        catch (CommandException failure) when (ReasonsOfOthers.Contains(failure.Reason))
        {
            throw new CheckFailedException($"The relay does not know this gateway's sessions and tokens: {failure.Message}", OtherGateway);
        }
    }
}
