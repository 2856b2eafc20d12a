using Grpc.Net.Client;
using MotionGateway.Cli.Connecting;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Loading;

/// <summary>The connections to a deployment under load.</summary>
internal sealed class LoadPeers : IDisposable
{
    private readonly Uri? _relay;
    private readonly GrpcChannel _channel;
    private readonly HttpMessageInvoker _http;

    public LoadPeers(LoadPlan plan, Connection connection)
    {
        (_relay, _channel, _http) = (plan.Relay, connection.OpenGateway(plan.Gateway), connection.CreateRelayClient());
        (Speech, Feed) = (new(_channel), new(_channel));
    }

    /// <summary>Where sessions are opened.</summary>
    public SpeechService.SpeechServiceClient Speech { get; }

    private FeedService.FeedServiceClient Feed { get; }

    /// <summary>Begins to follow a session.</summary>
    public FollowedFeed Follow(SessionOpened opened, Action<Payload> onPayload)
    {
        var start = new ViewerStart(opened.SessionId, opened.ViewerToken);
        return new FollowedFeed(new ViewerClient(token => ConnectAsync(opened.SessionId, token), start), onPayload);
    }

    public void Dispose()
    {
        _channel.Dispose();
        _http.Dispose();
    }

    private async Task<IFeedConnection> ConnectAsync(string sessionId, CancellationToken cancellationToken) =>
        _relay is null ? new GrpcFeed(Feed) : await WebSocketFeed.ConnectAsync(_relay, sessionId, _http, cancellationToken);
}
