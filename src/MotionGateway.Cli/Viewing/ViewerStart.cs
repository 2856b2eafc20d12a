using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>What a viewer wants to see, and by which right.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="ViewerToken">Its token; empty at a gateway that trusts its callers.</param>
internal sealed record ViewerStart(string SessionId, string ViewerToken)
{
    /// <summary>The reader's name; the same for all connections of this viewer, so that a new one replaces an old one.</summary>
    public string ReaderId { get; init; } = Guid.NewGuid().ToString("n");

    /// <summary>Where to start; null: by <see cref="Rule"/>.</summary>
    public Position? Position { get; init; }

    /// <summary>Where to start without a position.</summary>
    public FeedStart Rule { get; init; } = FeedStart.CurrentTurn;
}
