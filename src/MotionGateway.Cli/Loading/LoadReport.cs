namespace MotionGateway.Cli.Loading;

/// <summary>What a deployment did under load.</summary>
/// <param name="Seconds">How long it went.</param>
/// <param name="Stopped">It was ended early.</param>
/// <param name="Sessions">The sessions.</param>
/// <param name="Viewers">The viewers of all sessions.</param>
/// <param name="Turns">Turns that have ended, by outcome.</param>
/// <param name="Delays">How late things were.</param>
/// <param name="Received">What viewers got.</param>
internal sealed record LoadReport(
    double Seconds, bool Stopped, LoadCount Sessions, LoadCount Viewers, IReadOnlyDictionary<string, int> Turns, LoadDelays Delays, LoadReceived Received);
