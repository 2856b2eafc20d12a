namespace MotionGateway.Sessions;

/// <summary>
/// Where sessions have their connections from that were opened under one app with one set of credentials. Let go of when nobody
/// holds it any more: neither a session, nor the host for those to come.
/// </summary>
internal sealed class AppLegs(SessionApp app, LegSources sources, MotionServerOutage outage)
{
    private int _holders = 1;

    public LegSources Sources => sources;

    /// <summary>Whether they can be had.</summary>
    public MotionServerOutage Outage => outage;

    /// <summary>One more holds it. To be called by somebody who knows that it is held.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>One holds it no more.</summary>
    public async ValueTask ReleaseAsync()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
        {
            return;
        }

        await sources.DisposeAsync();
        if (app.Connections is { } connections)
        {
            await connections.DisposeAsync();
        }
    }
}
