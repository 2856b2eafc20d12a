namespace MotionGateway.Cli.Connecting;

/// <summary>A header of HTTP, which is metadata to gRPC.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, which may be a secret.</param>
internal sealed record Header(string Name, string Value)
{
    /// <summary>Adds it to a request.</summary>
    /// <returns>False when it can be no header of a request.</returns>
    public bool TryAddTo(HttpRequestMessage request) => request.Headers.TryAddWithoutValidation(Name, Value);
}
