namespace MotionGateway.Gateway;

/// <summary>A stream that is open.</summary>
/// <param name="goAway">Tells its peer that the server will shut down.</param>
internal sealed class OpenCall(Action<TimeSpan>? goAway)
{
    /// <summary>Tells its peer that the server will shut down, and how soon; null: its kind of stream cannot tell.</summary>
    public Action<TimeSpan>? GoAway => goAway;

    /// <summary>Whether its peer has been sent all, so that it does not come back for the rest.</summary>
    public bool IsComplete { get; set; }
}
