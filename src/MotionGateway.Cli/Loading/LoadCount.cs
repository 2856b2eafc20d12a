namespace MotionGateway.Cli.Loading;

/// <summary>How many there were.</summary>
/// <param name="Asked">As many were asked for.</param>
/// <param name="Begun">As many began.</param>
/// <param name="Refused">Those that did not, by reason.</param>
/// <param name="Lost">Those that ended early, by reason.</param>
internal sealed record LoadCount(int Asked, int Begun, IReadOnlyDictionary<string, int> Refused, IReadOnlyDictionary<string, int> Lost);
