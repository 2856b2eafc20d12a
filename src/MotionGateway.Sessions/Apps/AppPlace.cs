namespace MotionGateway.Sessions;

/// <summary>
/// A session's place in its app: it counts among the app's sessions until the session is closed, and keeps the connections until
/// the session has gone.
/// </summary>
internal sealed class AppPlace(SessionApp app, AppQuota quota, AppLegs legs)
{
    private bool _isClosed;
    private bool _hasGone;

    /// <summary>The app, as it was when the session was opened.</summary>
    public SessionApp App => app;

    public LegSources Legs => legs.Sources;

    public ByteBudget Budget => quota.Budget;

    /// <inheritdoc cref="AppQuota.AddReader"/>
    public IDisposable AddReader(bool takesAPlace) => quota.AddReader(takesAPlace);

    /// <summary>The session is closed. Doing it twice is harmless.</summary>
    public void Close()
    {
        if (!Interlocked.Exchange(ref _isClosed, true))
        {
            quota.CloseSession();
        }
    }

    /// <summary>The session has gone. Doing it twice is harmless.</summary>
    public ValueTask LeaveAsync()
    {
        Close();
        return Interlocked.Exchange(ref _hasGone, true) ? ValueTask.CompletedTask : legs.ReleaseAsync();
    }
}
