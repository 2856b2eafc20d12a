namespace MotionGateway.Sessions;

/// <summary>
/// How long after its speech motion comes while speech comes as it is spoken, learned from turn to turn: so long must a turn's audio
/// wait before it begins, for the face to keep up.
/// </summary>
internal sealed class MotionPace(CoreContext context)
{
    private const int RememberedTurns = 4;

    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LeastFirstMargin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LiveSlack = TimeSpan.FromMilliseconds(500);

    private readonly Queue<TimeSpan> _delays = new();

    /// <summary>Whether a turn in real time has been seen.</summary>
    public bool IsKnown => _delays.Count > 0;

    /// <summary>Whether a turn's speech comes as it is spoken, no faster.</summary>
    public bool IsLive(SpeechTurn turn) =>
        !turn.IsComplete && context.Settings.ToTime(turn.Samples) < context.Since(turn.Times.Created) + LiveSlack;

    /// <summary>Motion came.</summary>
    public void Arrived(SpeechTurn turn, long firstKeyframe)
    {
        if (IsLive(turn))
        {
            var delay = context.Since(turn.Times.Created)
                - context.Settings.ToTime(firstKeyframe * context.Settings.SamplesPerKeyframe);
            turn.Wait.Delay = delay > turn.Wait.Delay ? delay : turn.Wait.Delay;
        }
    }

    /// <summary>How long after its first speech a turn's audio should begin.</summary>
    public TimeSpan StartDelay(SpeechTurn turn)
    {
        if (!IsLive(turn))
        {
            return TimeSpan.Zero;
        }

        // What comes after the first motion is not known yet: half as much again.
        return IsKnown
            ? _delays.Max() + Margin
            : turn.Wait.Delay + TimeSpan.FromTicks(Math.Max(LeastFirstMargin.Ticks, turn.Wait.Delay.Ticks / 2));
    }

    /// <summary>How long after its first speech a turn's audio should go on at a sample, where it has stopped for motion.</summary>
    public TimeSpan ResumeDelay(SpeechTurn turn, long sample) => turn.Wait.Delay + Margin + context.Settings.ToTime(sample);

    /// <summary>A turn is over.</summary>
    public void Learn(SpeechTurn turn)
    {
        if (turn.Wait.Delay > TimeSpan.Zero)
        {
            _delays.Enqueue(turn.Wait.Delay);
            if (_delays.Count > RememberedTurns)
            {
                _delays.Dequeue();
            }
        }
    }
}
