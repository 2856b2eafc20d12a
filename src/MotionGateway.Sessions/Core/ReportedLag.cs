namespace MotionGateway.Sessions;

/// <summary>
/// How far viewers' reports move the ends of turns. A viewer that lags behind is waited for, within the limit; but what it has been
/// waited for comes off the limit, and is earned back by a tenth of what is heard. So nobody makes a conversation much longer by
/// being behind, or saying so, in each turn.
/// </summary>
internal sealed class ReportedLag(CoreContext context)
{
    private const int HeardToEarnOne = 10;

    // Samples by which ends were moved, less what was earned back.
    private long _spent;

    /// <summary>Takes a viewer's report of the turn that plays.</summary>
    public void Report(SpeechTurn turn, long playedSamples)
    {
        long lag = turn.Clock.Heard - Math.Clamp(playedSamples, 0, turn.Clock.Heard);
        long most = Math.Max(0, context.Settings.ToSamples(context.Limits.MaxViewerLag) - _spent);
        turn.ViewerLag = Math.Max(turn.ViewerLag, Math.Min(lag, most));
    }

    /// <summary>A turn has been heard, so much later than without reports.</summary>
    public void Heard(SpeechTurn turn) => _spent = Math.Max(0, _spent + turn.ViewerLag - (turn.Samples / HeardToEarnOne));
}
