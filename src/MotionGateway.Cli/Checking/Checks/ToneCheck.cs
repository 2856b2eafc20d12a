using MotionGateway.Cli.Speaking;
using MotionGateway.V1;

namespace MotionGateway.Cli.Checking.Checks;

/// <summary>A tone that is spoken comes back as audio and motion.</summary>
internal sealed class ToneCheck(CheckedSession session) : ICheck
{
    public string Name => CheckNames.Tone;

    public IReadOnlyList<string> Needs => [CheckNames.Session];

    public TimeSpan Limit => TimeSpan.FromSeconds(20);

    public async Task<CheckFinding> RunAsync(CancellationToken cancellationToken)
    {
        var turn = await session.Conversation.SayAsync(Tone.Create(), isRealTime: false, CancellationToken.None, cancellationToken);
        return turn.Spoken.Outcome == TurnOutcome.Completed ? CheckFinding.Ok(Describe(turn.Timer)) : throw Explain(turn.Spoken);
    }

    private static string Describe(TurnTimer timer) =>
        $"completed: first audio after {Ms(timer.FirstAudio)}, first motion after {Ms(timer.FirstMotion)}, ended after {Ms(timer.Elapsed)}";

    private static CheckFailedException Explain(SpokenTurn turn)
    {
        string why = turn.Error is { } error ? $": {error}" : ".";
        string what = turn.Outcome == TurnOutcome.AudioOnly ? "The tone was heard without motion" : $"The turn ended {turn.Outcome.ToString().ToLowerInvariant()}";
        return new(what + why, Remedies.Of(turn.Error?.Split(':')[0]));
    }

    private static string Ms(TimeSpan? span) => span is { } known ? $"{known.TotalMilliseconds:0} ms" : "-";
}
