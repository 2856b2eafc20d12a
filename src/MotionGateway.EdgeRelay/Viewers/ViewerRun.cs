using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>A viewer from its connection to its leaving.</summary>
internal static class ViewerRun
{
    /// <summary>Serves a viewer until it leaves or its feed has ended.</summary>
    /// <param name="sessionId">The session that it asks for.</param>
    /// <param name="transport">What carries its feed; disposed of at the end.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="worker">Who serves it.</param>
    /// <param name="start">Its start, where the address says it; null: its first message is.</param>
    /// <param name="services">What every viewer works with.</param>
    /// <param name="begun">Is given the viewer before anything of it is served.</param>
    public static async Task RunAsync(
        string sessionId, IViewerTransport transport, IFeedFormat format, FanOutWorker worker, StartFeed? start, ViewerServices services,
        Action<Viewer>? begun = null)
    {
        await using var viewer = new Viewer(sessionId, transport, format, worker, services);
        using var scope = services.Logger.BeginScope(new ViewerScope(viewer));
        begun?.Invoke(viewer);
        services.Registry.Add(viewer);
        try
        {
            await new ViewerConnection(viewer, transport, format, services, start).RunAsync();
        }
        finally
        {
            services.Registry.Remove(viewer);
        }
    }
}
