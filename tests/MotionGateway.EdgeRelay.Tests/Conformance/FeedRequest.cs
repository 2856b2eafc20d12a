using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>How a scenario asks for a feed. A kind that cannot say a part of it leaves that out.</summary>
/// <param name="Token">The viewer's token.</param>
internal sealed record FeedRequest(string Token)
{
    /// <summary>Where to begin; the server's default where it is unspecified.</summary>
    public FeedStart Start { get; init; }

    /// <summary>The position to go on after; null: none.</summary>
    public Position? Position { get; init; }

    public SlowReaderPolicy Policy { get; init; }

    /// <summary>Whether each payload is acknowledged.</summary>
    public bool Acknowledges { get; init; } = true;

    /// <summary>Writes it as the start of a feed of this project's own.</summary>
    public void Write(StartFeed start)
    {
        (start.ViewerToken, start.SlowReaderPolicy) = (Token, Policy);
        if (Position is null)
        {
            start.Start = Start;
        }
        else
        {
            start.Position = Position;
        }
    }
}
