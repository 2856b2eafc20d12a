using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>One <c>Subscribe</c>: a cursor into a session's log, and the way up for what viewers do.</summary>
internal sealed class SubscribeCall : IDisposable
{
    private readonly SessionHost _host;
    private readonly ViewerTokenVerifier _tokens;
    private readonly ReaderDirectory _readers;
    private readonly GatewayOptions _options;
    private readonly RequestLoop<SubscribeRequest> _requests;
    private Sessions.Session? _session;
    private ViewerIdentity? _viewer;

    public SubscribeCall(
        SessionHost host, ViewerTokenVerifier tokens, ReaderDirectory readers, GatewayOptions options,
        TimeProvider timeProvider, IAsyncStreamReader<SubscribeRequest> requests,
        IServerStreamWriter<EncodedResponse> responses)
    {
        _host = host;
        _tokens = tokens;
        _readers = readers;
        _options = options;
        Responses = new ResponseLoop(responses, options, timeProvider);
        _requests = new RequestLoop<SubscribeRequest>(
            requests, Responses, new PeerWatch(options, timeProvider), options.OpenTimeout)
        {
            IsHeartbeat = request => request.RequestCase == SubscribeRequest.RequestOneofCase.Heartbeat,
            Handle = Handle,
            // No end with the requests: a reader that has nothing more to say goes on reading.
        };
    }

    public ResponseLoop Responses { get; }

    /// <summary>Serves the feed until the session is closed or either side ends.</summary>
    /// <exception cref="GatewayException">A request is refused, or the feed cannot go on.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var start = await ReadStartAsync(cancellationToken);
        _session = await FindAsync(start);
        string readerId = start.ReaderId.Length > 0 ? start.ReaderId : Requests.CreateId("reader");
        using var entry = _readers.Add(_session.Id, _viewer?.ViewerId ?? "", readerId, Responses);
        Open(start, readerId);

        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = _requests.RunAsync(reading.Token);
        try
        {
            await Responses.RunAsync(cancellationToken);
        }
        finally
        {
            await reading.CancelAsync();
            await read;
        }
    }

    public void Dispose() => Responses.Dispose();

    private async Task<StartFeed> ReadStartAsync(CancellationToken cancellationToken)
    {
        var first = await _requests.ReadFirstAsync(cancellationToken);
        if (first is not { RequestCase: SubscribeRequest.RequestOneofCase.Start })
        {
            throw Requests.Invalid("request", "The first request must be start: name the session.");
        }

        Requests.ValidateTurnId("start.reader_id", first.Start.ReaderId);
        return first.Start;
    }

    // A viewer learns nothing of which sessions there are: an unknown one is answered as a wrong token is.
    private async ValueTask<Sessions.Session> FindAsync(StartFeed start)
    {
        if (start.ViewerToken.Length == 0)
        {
            return _host.Get(start.SessionId);
        }

        _viewer = await _tokens.VerifyAsync(start.ViewerToken, start.SessionId);
        try
        {
            return _viewer is null ? throw InvalidToken() : _host.Get(start.SessionId);
        }
        catch (GatewayException fault) when (fault.Reason == ErrorReason.SessionNotFound)
        {
            throw InvalidToken();
        }
    }

    private static GatewayException InvalidToken() => new(ErrorReason.ViewerTokenInvalid, ViewerTokens.InvalidMessage)
    {
        Field = "start.viewer_token",
    };

    private void Open(StartFeed start, string readerId)
    {
        var session = _session!;
        int window = start.WithoutAcknowledgements ? int.MaxValue : session.Limits.ReaderWindowBytes;
        var reader = start.FromCase == StartFeed.FromOneofCase.Position
            ? session.Log.OpenReader(new LogPosition(start.Position.Epoch, start.Position.Sequence), window, Responses.Wake)
            : session.Log.OpenReader(start.Start, window, Responses.Wake);
        Responses.Post(new SubscribeResponse
        {
            Started = new FeedStarted
            {
                SessionId = session.Id,
                ReaderId = readerId,
                Position = new Position { Epoch = reader.Position.Epoch, Sequence = reader.Position.Sequence },
                LastSequence = session.Log.End.Sequence,
                AvatarId = session.Settings.AvatarId,
                SampleRate = session.Settings.SampleRate,
                AppId = _options.MotionServer.AppId,
                HeartbeatIntervalMs = (int)_options.HeartbeatInterval.TotalMilliseconds,
                WindowBytes = window,
            },
        });
        Responses.Payloads = reader;
    }

    private void Handle(SubscribeRequest request)
    {
        switch (request.RequestCase)
        {
            case SubscribeRequest.RequestOneofCase.Acknowledge:
                var position = request.Acknowledge.Position ?? throw Requests.Invalid(
                    "acknowledge.position", "The position is required.");
                Responses.Payloads!.Acknowledge(new LogPosition(position.Epoch, position.Sequence));
                break;
            case SubscribeRequest.RequestOneofCase.ViewerEvent:
                Handle(request.ViewerEvent);
                break;
            case SubscribeRequest.RequestOneofCase.Heartbeat:
                break;
            case SubscribeRequest.RequestOneofCase.Start:
                throw Requests.Invalid("request", "The feed has started already: start comes first, once.");
            default:
                throw Requests.Invalid("request", "The request is empty, or of a kind that this gateway does not know.");
        }
    }

    private void Handle(ViewerEvent viewerEvent)
    {
        Requests.Validate(viewerEvent);
        if (_viewer is { } viewer)
        {
            viewerEvent.ViewerId = viewer.ViewerId;
            bool isPermitted = viewerEvent.EventCase switch
            {
                ViewerEvent.EventOneofCase.Interrupt => viewer.Permissions.HasFlag(ViewerPermissions.Interrupt),
                ViewerEvent.EventOneofCase.Playback => true,
                _ => viewer.Permissions.HasFlag(ViewerPermissions.Talk),
            };
            if (!isPermitted)
            {
                throw new GatewayException(
                    ErrorReason.NotPermitted, "The viewer token does not permit this: ask for a token that does.")
                {
                    Field = "viewer_event",
                };
            }
        }

        viewerEvent.LostBefore = 0;
        _session!.ViewerEvent(viewerEvent);
    }
}
