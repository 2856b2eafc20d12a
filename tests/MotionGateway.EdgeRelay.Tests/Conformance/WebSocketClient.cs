using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A viewer on the feed over WebSocket, in either of its subprotocols.</summary>
internal sealed class WebSocketClient : ResponseClient
{
    private readonly TestViewer _viewer;

    private WebSocketClient(TestViewer viewer) => _viewer = viewer;

    public override bool Acknowledges
    {
        get => _viewer.Acknowledges;
        set => _viewer.Acknowledges = value;
    }

    public static async Task<FeedClient> ConnectAsync(SessionUnderTest session, FeedRequest request, bool json)
    {
        string address = ((RelaySession)session).Address.Replace("http", "ws", StringComparison.Ordinal);
        var viewer = await TestViewer.ConnectAsync(new Uri($"{address}/v1/sessions/{session.Id}/feed"), json, request.Acknowledges);
        await viewer.StartAsync(request.Write);
        return new WebSocketClient(viewer);
    }

    public override Task AcknowledgeAsync() => _viewer.AcknowledgeAsync(Position!.Epoch, Position.Sequence);

    public override Task RenewAsync(string token) =>
        _viewer.SendAsync(new SubscribeRequest { RenewToken = new RenewViewerToken { ViewerToken = token } });

    public override void Dispose() => _viewer.Dispose();

    protected override async Task<SubscribeResponse?> ReceiveResponseAsync()
    {
        if (await _viewer.ReceiveAsync() is { } response)
        {
            return response;
        }

        EndReason = ReasonOf(_viewer.CloseCode);
        Assert.Equal(EndReason, Received.LastOrDefault(had => had.Sign == FeedSign.Failed)?.Reason ?? ErrorReason.Unspecified);
        return null;
    }
}
