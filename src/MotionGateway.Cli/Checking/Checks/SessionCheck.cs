using MotionGateway.V1;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>A session can be opened for the avatar, which needs the Motion Server.</summary>
internal sealed class SessionCheck(CheckedSession session, string avatarId) : ICheck
{
    public string Name => CheckNames.Session;

    public IReadOnlyList<string> Needs => [CheckNames.Protocol("gateway"), CheckNames.Credential];

    public TimeSpan Limit => TimeSpan.FromSeconds(20);

    // It retries for as long as it lets callers wait.
    public string WhenSilent => $"The gateway waits for the Motion Server, most likely. {Remedies.Way}";

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        var open = new OpenSession
        {
            AvatarId = avatarId,
            AudioFormat = new AudioFormat { SampleRate = Tone.SampleRate },
            Labels = { ["started-by"] = "check" },
        };
        await session.OpenAsync(open, cancellationToken);
        return CheckFinding.Ok($"opened for {avatarId}: {session.Conversation.Opened.SessionId}");
    }
}
