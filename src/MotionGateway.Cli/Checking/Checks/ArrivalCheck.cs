using MotionGateway.Cli.Viewing;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>The viewer at the relay got the same turn as its speaker, whole.</summary>
internal sealed class ArrivalCheck(CheckedSession session) : ICheck
{
    public string Name => "tone at the viewer";

    public IReadOnlyList<string> Needs => [CheckNames.Viewer, CheckNames.Tone];

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        var spoken = session.Conversation.Turn!.Viewed;
        var viewed = await session.Viewer.WaitForEndAsync(spoken.Id, cancellationToken);
        return Compare(spoken, viewed, session.Viewer.Contiguity);
    }

    /// <summary>Compares what the speaker saw with what the viewer got.</summary>
    internal static CheckFinding Compare(ViewedTurn spoken, ViewedTurn viewed, ContiguityTracker feed)
    {
        var (sent, got) = ((spoken.AudioMessages, spoken.MotionMessages), (viewed.AudioMessages, viewed.MotionMessages));
        bool isWhole = sent == got && viewed.IsOrdered && feed.IsContiguous;
        return isWhole ? CheckFinding.Ok($"{got.AudioMessages} audio and {got.MotionMessages} motion payloads, as at the gateway")
            : throw new CheckFailedException(
                $"The gateway released {sent.AudioMessages} audio and {sent.MotionMessages} motion payloads, and the viewer got {got.AudioMessages} and {got.MotionMessages}.",
                "See the relay's log for readers that did not keep up, and the way between both.");
    }
}
