using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>The half of a viewer's connection that receives. What the viewer is sent is its worker's.</summary>
internal sealed class ViewerConnection
{
    private readonly Viewer _viewer;
    private readonly IViewerTransport _transport;
    private readonly IFeedFormat _format;
    private readonly ViewerServices _services;
    private readonly StartFeed? _start;
    private readonly ViewerRequests _requests;
    private Task<ViewerFeed?> _opened = Task.FromResult<ViewerFeed?>(null);

    private ViewerConnection(Viewer viewer, IViewerTransport transport, IFeedFormat format, ViewerServices services, StartFeed? start)
    {
        _viewer = viewer;
        _transport = transport;
        _format = format;
        _services = services;
        _start = start;
        _requests = new ViewerRequests(viewer, services);
    }

    /// <summary>Serves a viewer until it leaves or its feed has ended.</summary>
    /// <param name="sessionId">The session that it asks for.</param>
    /// <param name="transport">What carries its feed; disposed of at the end.</param>
    /// <param name="format">How its messages are written and read.</param>
    /// <param name="worker">Who serves it.</param>
    /// <param name="start">Its start, where the address says it; null: its first message is.</param>
    /// <param name="services">What every viewer works with.</param>
    /// <param name="begun">Is given the viewer before anything of it is served.</param>
    public static async Task ServeAsync(
        string sessionId, IViewerTransport transport, IFeedFormat format, FanOutWorker worker, StartFeed? start, ViewerServices services,
        Action<Viewer>? begun = null)
    {
        await using var viewer = new Viewer(sessionId, transport, format, worker, services);
        using var scope = services.Logger.BeginScope(new ViewerScope(viewer));
        begun?.Invoke(viewer);
        services.Registry.Add(viewer);
        try
        {
            viewer.Post();
            var connection = new ViewerConnection(viewer, transport, format, services, start);
            if (!await connection.TryReceiveAllAsync())
            {
                await transport.DrainAsync();
            }

            viewer.HeardAll();
            await viewer.Left;
            if (await connection._opened is { Cursor: var cursor })
            {
                await cursor.DisposeAsync();
            }
        }
        finally
        {
            services.Registry.Remove(viewer);
        }
    }

    /// <returns>False when the feed has ended before the viewer closed.</returns>
    private async Task<bool> TryReceiveAllAsync()
    {
        try
        {
            if (await TryStartAsync())
            {
                while (await _transport.ReceiveAsync() is { } message)
                {
                    await _requests.HandleAsync(Read(message), _opened);
                }
            }

            return true;
        }
        catch (GatewayException failure)
        {
            _viewer.Fail(failure);
        }
        catch (OperationCanceledException) when (_viewer.Ended.IsCancellationRequested)
        {
            // The feed is over; what the viewer still sends is read and thrown away, so that it reads the close.
        }
        catch (Exception exception)
        {
            _viewer.Break(exception);
        }

        return false;
    }

    // Apart, so that the start and its token are not kept for as long as the viewer stays.
    /// <returns>False when the viewer has closed.</returns>
    private async ValueTask<bool> TryStartAsync()
    {
        if ((_start ?? await ReceiveStartAsync()) is not { } from)
        {
            return false;
        }

        // Nothing more is read before it is known who speaks.
        _viewer.Heard(isStarted: true);
        var opening = new ViewerOpening(_viewer, _services);
        var identity = await opening.VerifyAsync(from);
        _transport.Trust();
        _opened = OpenAsync(opening, from, identity);
        return true;
    }

    private async ValueTask<StartFeed?> ReceiveStartAsync()
    {
        if (await _transport.ReceiveAsync() is not { } first)
        {
            return null;
        }

        return Read(first).Start ?? throw new GatewayException(ErrorReason.InvalidRequest, "The first message of a feed is its start.")
        {
            Field = "start",
        };
    }

    private SubscribeRequest Read(ReadOnlyMemory<byte> message)
    {
        _viewer.Ended.ThrowIfCancellationRequested();
        _viewer.Heard(isStarted: false);
        return _format.Decode(message);
    }

    /// <returns>What the viewer follows; null when it has left, or is told why it does not.</returns>
    private async Task<ViewerFeed?> OpenAsync(ViewerOpening opening, StartFeed from, ViewerIdentity identity)
    {
        try
        {
            return await opening.OpenAsync(from, identity);
        }
        catch (GatewayException failure)
        {
            _viewer.Fail(failure);
        }
        catch (OperationCanceledException) when (_viewer.Ended.IsCancellationRequested)
        {
            // The viewer has left, or failed; nobody is there to follow the session.
        }
        catch (Exception exception)
        {
            _viewer.Break(exception);
        }

        return null;
    }
}
