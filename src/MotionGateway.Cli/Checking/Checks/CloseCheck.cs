namespace MotionGateway.Cli.Checking.Checks;

/// <summary>The session can be closed, so that nothing is left of the check.</summary>
internal sealed class CloseCheck(CheckedSession session) : ICheck
{
    public string Name => "close";

    public IReadOnlyList<string> Needs => [CheckNames.Session];

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        await session.Conversation.CloseAsync("checked", cancellationToken);
        return CheckFinding.Ok("session closed");
    }
}
