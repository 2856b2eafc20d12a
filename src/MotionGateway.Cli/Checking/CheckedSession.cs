using MotionGateway.Cli.Speaking;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Checking;

/// <summary>The session that is opened to try a deployment, with both of its ends.</summary>
/// <param name="speech">The gateway.</param>
/// <param name="time">The clock.</param>
internal sealed class CheckedSession(SpeechService.SpeechServiceClient speech, TimeProvider time) : IAsyncDisposable
{
    private Conversation? _conversation;
    private FollowedFeed? _viewer;

    /// <summary>Its speaker; there once it is open.</summary>
    public Conversation Conversation => _conversation ?? throw new InvalidOperationException("No session is open.");

    /// <summary>Its viewer; there once it has joined.</summary>
    public FollowedFeed Viewer => _viewer ?? throw new InvalidOperationException("No viewer has joined.");

    /// <summary>Opens it.</summary>
    public async Task OpenAsync(OpenSession open, CancellationToken cancellationToken) =>
        _conversation = await Conversation.OpenAsync(speech, open, time, cancellationToken);

    /// <summary>Lets a viewer join it at a relay.</summary>
    public Task JoinAsync(Uri relay, HttpMessageInvoker http, CancellationToken cancellationToken)
    {
        var opened = Conversation.Opened;
        var client = new ViewerClient(
            async token => await WebSocketFeed.ConnectAsync(relay, opened.SessionId, http, token),
            new ViewerStart(opened.SessionId, opened.ViewerToken))
        { MaxAttempts = 0 };
        _viewer = new FollowedFeed(client, static _ => { });
        return _viewer.JoinAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await (_viewer?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_conversation?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
