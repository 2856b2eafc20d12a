using Google.Protobuf.WellKnownTypes;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What a viewer asks on its feed after its start. Used by the loop that receives.</summary>
internal sealed class ViewerRequests(Viewer viewer, ViewerServices services)
{
    // Each costs a signature's verification.
    private const int RenewalsPerSecond = 1;

    // Most viewers never renew, and need none.
    private TokenBucket? _renewalRate;

    // Who the viewer is since its token was renewed.
    private ViewerIdentity? _renewed;

    // The start was the first.
    private long _count = 1;

    /// <summary>Does what the viewer asks, once its feed is open where that is needed.</summary>
    /// <param name="request">What it asks.</param>
    /// <param name="opened">What it follows; null when its feed has ended instead.</param>
    /// <exception cref="GatewayException">The request is not valid here, and ends the feed.</exception>
    /// <exception cref="OperationCanceledException">The feed has ended.</exception>
    public async ValueTask HandleAsync(SubscribeRequest request, Task<ViewerFeed?> opened)
    {
        _count++;
        switch (request.RequestCase)
        {
            case SubscribeRequest.RequestOneofCase.Start:
                throw Invalid("start", "The feed has been started.");
            case SubscribeRequest.RequestOneofCase.Acknowledge:
                await WaitAsync(opened);
                Acknowledge(request.Acknowledge.Position);
                break;
            case SubscribeRequest.RequestOneofCase.ViewerEvent:
            case SubscribeRequest.RequestOneofCase.RenewToken:
                await DoOrRefuseAsync(await WaitAsync(opened), request);
                break;
            case SubscribeRequest.RequestOneofCase.None:
            case SubscribeRequest.RequestOneofCase.Heartbeat:
            default:
                // A request that this version does not know is none.
                break;
        }
    }

    private async ValueTask<ViewerFeed> WaitAsync(Task<ViewerFeed?> opened) =>
        await opened.WaitAsync(viewer.Ended) ?? throw new OperationCanceledException(viewer.Ended);

    private void Acknowledge(Position? position)
    {
        if (position is null)
        {
            throw Invalid("acknowledge.position", "An acknowledgement names a position.");
        }

        viewer.Acknowledge(new LogPosition(position.Epoch, position.Sequence));
    }

    // What is not taken is no reason to take the session from the viewer.
    private async ValueTask DoOrRefuseAsync(ViewerFeed feed, SubscribeRequest request)
    {
        var identity = _renewed ?? feed.Identity;
        try
        {
            if (request.RenewToken is { } renewal)
            {
                await RenewAsync(identity, renewal);
            }
            else
            {
                services.Intake.Take(request.ViewerEvent, identity, feed.Feed.Events);
            }
        }
        catch (GatewayException fault)
        {
            viewer.Tell(new SubscribeResponse
            {
                Refused = new RequestRefused
                {
                    Request = _count,
                    Reason = fault.Reason,
                    Field = fault.Field ?? "",
                    Message = fault.Message,
                },
            });
        }
    }

    private async ValueTask RenewAsync(ViewerIdentity identity, RenewViewerToken renewal)
    {
        _renewalRate ??= new TokenBucket(RenewalsPerSecond, services.TimeProvider);
        if (!_renewalRate.TryTake())
        {
            throw new GatewayException(ErrorReason.ReaderLimit, "Tokens are renewed too often. Renew when told that the token expires.")
            {
                Field = ViewerTokens.RenewalField,
            };
        }

        var shown = await services.Keys.VerifyAsync(
            renewal.ViewerToken, viewer.SessionId, ViewerTokens.RenewalField, viewer.Ended);
        var renewed = identity.Renew(shown);
        _renewed = renewed;
        viewer.Renew(renewed);
        viewer.Tell(new SubscribeResponse
        {
            TokenRenewed = new ViewerTokenRenewed
            {
                Permissions = { renewed.Permissions.ToMessages() },
                ExpiresAt = Timestamp.FromDateTimeOffset(renewed.ExpireTime),
            },
        });
    }

    private static GatewayException Invalid(string field, string message) => new(ErrorReason.InvalidRequest, message) { Field = field };
}
