namespace MotionGateway.Sessions;

/// <summary>
/// Follows what the Motion Server tells of a playback of its own, and predicts between two reports. It does not run before one has
/// come, nor beyond what the Motion Server has been given.
/// </summary>
internal sealed class ReportedPlayback(SessionSettings settings, TimeProvider timeProvider) : PredictedPlayback(settings, timeProvider)
{
    /// <summary>A report: so many samples have been heard.</summary>
    /// <param name="heard">Samples; it may be fewer than was thought.</param>
    /// <param name="isRunning">Whether playback goes on from there.</param>
    public void Report(long heard, bool isRunning) => MoveTo(heard, isRunning);

    /// <summary>What played is lost: nothing more is heard until another report comes.</summary>
    public void Stop() => MoveTo(Heard, isRunning: false);
}
