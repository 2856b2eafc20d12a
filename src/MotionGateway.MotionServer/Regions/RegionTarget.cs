namespace MotionGateway.MotionServer;

/// <summary>One region to open a connection in: its URLs and the steps that use them. Its name is null when explicit URLs lead there.</summary>
internal sealed class RegionTarget(string? region, MotionServerOptions options, HttpMessageInvoker http, TimeProvider time)
{
    public string? Region => region;

    public Endpoints Endpoints { get; } = new(options, region);

    /// <summary>Runs steps in this region's name.</summary>
    public StepRunner Steps { get; } = new(time, options.StepTimeout, region);

    /// <summary>Fetches a session token, as a step.</summary>
    /// <exception cref="MotionServerException">The token was refused or did not come in time.</exception>
    public Task<SessionToken> FetchTokenAsync(CancellationToken cancellationToken) => Steps.RunAsync(
        new Step("token", MotionServerPhase.SessionToken, Endpoints.Token, options.Secrets),
        new TokenFetcher(http, options, Endpoints, time).FetchAsync,
        cancellationToken);
}
