using System.Net.Http.Headers;

namespace MotionGateway.Protocol;

/// <summary>Shows a gateway who calls: puts a credential into each call's metadata.</summary>
/// <param name="credential">The API key or token that is good at the time of a call.</param>
public sealed class BearerHandler(Func<string> credential) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential());
        return base.SendAsync(request, cancellationToken);
    }
}
