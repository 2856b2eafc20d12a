namespace MotionGateway.MotionServer;

/// <summary>One region to open a connection in: its URLs and the steps that use them.</summary>
internal sealed class RegionTarget
{
    private readonly TokenFetcher _tokens;
    private readonly string _apiKey;

    public RegionTarget(string? region, MotionServerOptions options, HttpMessageInvoker http, TimeProvider time)
    {
        Region = region;
        Endpoints = new Endpoints(options, region);
        Steps = new StepRunner(time, options.StepTimeout, region);
        Upgrade = new WebSocketUpgrade(http, options, Endpoints, time);
        _apiKey = options.ApiKey;
        _tokens = new TokenFetcher(http, options, Endpoints, time);
    }

    /// <summary>Its name; null when explicit URLs lead there.</summary>
    public string? Region { get; }

    public Endpoints Endpoints { get; }

    /// <summary>Runs steps in this region's name.</summary>
    public StepRunner Steps { get; }

    public WebSocketUpgrade Upgrade { get; }

    /// <summary>Fetches a session token, as a step.</summary>
    /// <exception cref="MotionServerException">The token was refused or did not come in time.</exception>
    public Task<SessionToken> FetchTokenAsync(CancellationToken cancellationToken) =>
        Steps.RunAsync(new Step("token", MotionServerPhase.SessionToken, Endpoints.Token, _apiKey), _tokens.FetchAsync, cancellationToken);
}
