using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>Keeps hold of what an upgraded connection is written to, for bytes that a <c>WebSocket</c> would not send.</summary>
internal sealed class UpgradedStream(IHttpUpgradeFeature upgrade) : IHttpUpgradeFeature
{
    private Stream? _stream;

    public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

    /// <summary>Goes before the WebSocket middleware, which takes hold of the feature before a request is routed.</summary>
    public static Task KeepAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { } upgrade)
        {
            context.Features.Set<IHttpUpgradeFeature>(new UpgradedStream(upgrade));
        }

        return next(context);
    }

    /// <summary>The stream of a connection that has been upgraded, else null.</summary>
    public static Stream? Of(HttpContext context) => (context.Features.Get<IHttpUpgradeFeature>() as UpgradedStream)?._stream;

    public async Task<Stream> UpgradeAsync() => _stream = await upgrade.UpgradeAsync();
}
