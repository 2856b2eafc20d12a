using System.Runtime.CompilerServices;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>The half of a viewer's connection that receives. What the viewer is sent is its worker's.</summary>
/// <param name="viewer">The viewer.</param>
/// <param name="transport">What carries its feed.</param>
/// <param name="format">How its messages are read.</param>
/// <param name="services">What every viewer works with.</param>
/// <param name="start">Where the address that it connected to says it: its start. Null: its first message is.</param>
internal sealed class ViewerConnection(
    Viewer viewer, IViewerTransport transport, IFeedFormat format, ViewerServices services, StartFeed? start = null)
{
    private readonly ViewerRequests _requests = new(viewer, services);
    private readonly ViewerOpening _opening = new(viewer, services);
    private Task<ViewerFeed?> _opened = Task.FromResult<ViewerFeed?>(null);

    /// <summary>Serves the viewer until it leaves or its feed has ended.</summary>
    public async Task RunAsync()
    {
        viewer.Post();
        if (!await TryReceiveAllAsync())
        {
            await transport.DrainAsync();
        }

        viewer.HeardAll();
        await viewer.Left;
        if (await _opened is { Cursor: var cursor })
        {
            await cursor.DisposeAsync();
        }
    }

    /// <returns>False when the feed has ended before the viewer closed.</returns>
    private async Task<bool> TryReceiveAllAsync()
    {
        try
        {
            await ReceiveAsync();
            return true;
        }
        catch (GatewayException failure)
        {
            viewer.Fail(failure);
        }
        catch (OperationCanceledException) when (viewer.Ended.IsCancellationRequested)
        {
            // The feed is over; what the viewer still sends is read and thrown away, so that it reads the close.
        }
        catch (Exception exception)
        {
            viewer.Break(exception);
        }

        return false;
    }

    private async Task ReceiveAsync()
    {
        if (!await TryStartAsync())
        {
            return;
        }

        while (await ReceiveRequestAsync() is { } request)
        {
            await _requests.HandleAsync(request);
        }
    }

    // Apart, so that the start and its token are not kept for as long as the viewer stays.
    /// <returns>False when the viewer has closed.</returns>
    private async ValueTask<bool> TryStartAsync()
    {
        if ((start ?? await ReceiveStartAsync()) is not { } from)
        {
            return false;
        }

        // Nothing more is read before it is known who speaks.
        viewer.Heard(isStarted: true);
        var identity = await _opening.VerifyAsync(from);
        transport.Trust();
        _opened = OpenAsync(from, identity);
        return true;
    }

    private async ValueTask<StartFeed?> ReceiveStartAsync()
    {
        if (await ReceiveRequestAsync() is not { } first)
        {
            return null;
        }

        return first.Start ?? throw new GatewayException(ErrorReason.InvalidRequest, "The first message of a feed is its start.")
        {
            Field = "start",
        };
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SubscribeRequest?> ReceiveRequestAsync()
    {
        if (await transport.ReceiveAsync() is not { } message)
        {
            return null;
        }

        viewer.Ended.ThrowIfCancellationRequested();
        viewer.Heard(isStarted: false);
        return format.Decode(message);
    }

    /// <returns>What the viewer follows; null when it has left, or is told why it does not.</returns>
    private async Task<ViewerFeed?> OpenAsync(StartFeed from, ViewerIdentity identity)
    {
        try
        {
            var opened = await _opening.OpenAsync(from, identity);
            _requests.Open(opened);
            return opened;
        }
        catch (GatewayException failure)
        {
            viewer.Fail(failure);
        }
        catch (OperationCanceledException) when (viewer.Ended.IsCancellationRequested)
        {
            // The viewer has left, or failed; nobody is there to follow the session.
        }
        catch (Exception exception)
        {
            viewer.Break(exception);
        }

        return null;
    }
}
