namespace MotionGateway.MotionServer;

/// <summary>One step of opening a connection.</summary>
/// <param name="Name">Its name in spans and metrics.</param>
/// <param name="Phase">Its name in errors.</param>
/// <param name="Server">Where it goes; its host and port are told.</param>
/// <param name="Secrets">Credentials on their way, to be masked in what its failure says.</param>
internal readonly record struct Step(string Name, MotionServerPhase Phase, Uri Server, params string[] Secrets);
