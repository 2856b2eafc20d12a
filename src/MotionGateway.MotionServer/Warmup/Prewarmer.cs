using System.Net;

namespace MotionGateway.MotionServer;

/// <summary>Does ahead what the first connection would wait for: the region, a session token, DNS, TCP and TLS.</summary>
internal sealed class Prewarmer(RegionRoute route, TokenStock stock, HttpMessageInvoker http)
{
    /// <summary>Warms the first region that can be warmed whole, else the first.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<PrewarmResult> RunAsync(CancellationToken cancellationToken)
    {
        (List<RegionTarget> targets, RegionSource source) = await route.FindAsync(cancellationToken).ConfigureAwait(false);
        List<string> hosts = [];
        List<MotionServerException> failures = [];
        for (int i = 0; i < targets.Count; i++)
        {
            List<MotionServerException> here = await WarmAsync(targets[i], hosts, cancellationToken).ConfigureAwait(false);
            failures.AddRange(here);
            if (here.Find(RegionRoute.IsRegional) is not MotionServerException regional)
            {
                route.Succeeded(targets[i]);
                return Result(targets[i], isReady: here.Count == 0);
            }

            route.Failed(targets[i], regional, targets.ElementAtOrDefault(i + 1));
        }

        return Result(targets[0], isReady: false);

        PrewarmResult Result(RegionTarget target, bool isReady) => new()
        {
            Region = target.Region,
            RegionSource = source,
            TokensReady = stock.Count,
            WarmHosts = hosts,
            Failures = failures,
            IsReady = isReady,
        };
    }

    private async Task<List<MotionServerException>> WarmAsync(RegionTarget target, List<string> hosts, CancellationToken cancellationToken)
    {
        Task<(string?, MotionServerException?)> token = AttemptAsync(
            async () => await stock.EnsureAsync(target, cancellationToken).ConfigureAwait(false) ? target.Endpoints.Token : null);
        Task<(string?, MotionServerException?)> ingress = AttemptAsync(() => target.Steps.RunAsync(
            new Step("prewarm", MotionServerPhase.WebSocketConnect, target.Endpoints.IngressRoot), step => TouchAsync(target.Endpoints.IngressRoot, step), cancellationToken)!);
        List<MotionServerException> failures = [];
        foreach ((string? host, MotionServerException? failure) in await Task.WhenAll(token, ingress).ConfigureAwait(false))
        {
            if (failure is not null)
            {
                MotionServerTelemetry.RecordError(failure);
                failures.Add(failure);
            }
            else if (host is not null && !hosts.Contains(host))
            {
                hosts.Add(host);
            }
        }

        return failures;
    }

    private static async Task<(string? Host, MotionServerException? Failure)> AttemptAsync(Func<Task<Uri?>> attempt)
    {
        try
        {
            return ((await attempt().ConfigureAwait(false))?.Authority, null);
        }
        catch (MotionServerException failure)
        {
            return (null, failure);
        }
    }

    // Any answer will do. The version is the upgrade's, since that cannot use a connection of another.
    private async Task<Uri> TouchAsync(Uri root, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Head, root)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage response = await http.SendForHeadersAsync(request, cancellationToken).ConfigureAwait(false);
        return root;
    }
}
