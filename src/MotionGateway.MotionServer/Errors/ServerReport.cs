namespace MotionGateway.MotionServer;

/// <summary>What the server said about a failure, in the terms that the rules look at.</summary>
internal readonly record struct ServerReport(ErrorSources Source, string? Code, string? Title, string? Detail, int? HttpStatus = null)
{
    /// <summary>Everything that text rules look into.</summary>
    public string Text => $"{Code} {Title} {Detail}";
}
