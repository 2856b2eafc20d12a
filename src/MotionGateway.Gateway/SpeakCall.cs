using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>One <c>Speak</c>: reads all that its caller sends, at once, and writes through one loop.</summary>
internal sealed class SpeakCall : ISpeaker, IDisposable
{
    private const int MaxViewerEvents = 256;

    private readonly SessionHost _host;
    private readonly ViewerTokenSigner _tokens;
    private readonly GatewayOptions _options;
    private readonly RequestLoop<SpeakRequest> _requests;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, AudioAcknowledged> _acknowledgements = [];
    private readonly Queue<ViewerEvent> _viewerEvents = new();
    private long _lostViewerEvents;
    private SpeakerLease? _lease;
    private SessionEnded? _ended;

    public SpeakCall(
        SessionHost host, ViewerTokenSigner tokens, GatewayOptions options, TimeProvider timeProvider,
        IAsyncStreamReader<SpeakRequest> requests, IServerStreamWriter<EncodedResponse> responses)
    {
        _host = host;
        _tokens = tokens;
        _options = options;
        Responses = new ResponseLoop(responses, options, timeProvider) { MoreControl = NextEvent, LastMessage = Closed };
        _requests = new RequestLoop<SpeakRequest>(
            requests, Responses, new PeerWatch(options, timeProvider), options.OpenTimeout)
        {
            IsHeartbeat = request => request.RequestCase == SpeakRequest.RequestOneofCase.Heartbeat,
            Handle = HandleUnlessEnded,
            Completed = Finish,
        };
    }

    public ResponseLoop Responses { get; }

    /// <summary>Serves the call until the session is closed or either side ends.</summary>
    /// <exception cref="GatewayException">A request is refused, or the call cannot go on.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await OpenAsync(cancellationToken);
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
        finally
        {
            if (_lease is not null)
            {
                _lease.Session.Detach(_lease);
            }
        }
    }

    public void Dispose() => Responses.Dispose();

    public void OnAudioAcknowledged(string turnId, long bytes, long discardedBytes)
    {
        lock (_lock)
        {
            if (!_acknowledgements.TryGetValue(turnId, out var acknowledged))
            {
                _acknowledgements.Add(turnId, acknowledged = new AudioAcknowledged { TurnId = turnId });
            }

            acknowledged.Bytes = bytes;
            acknowledged.DiscardedBytes = discardedBytes;
        }

        Responses.Wake.Set();
    }

    public void OnTurnReport(TurnReport report) => Responses.Post(new SpeakResponse { TurnReport = report });

    public void OnMotionServerFailure(MotionServerFailure failure) =>
        Responses.Post(new SpeakResponse { MotionServerFailure = failure });

    public void OnViewerEvent(ViewerEvent viewerEvent)
    {
        lock (_lock)
        {
            if (_viewerEvents.Count == MaxViewerEvents)
            {
                _viewerEvents.Dequeue();
                _lostViewerEvents++;
            }

            _viewerEvents.Enqueue(viewerEvent);
        }

        Responses.Wake.Set();
    }

    public void OnSuperseded() => Responses.Fail(
        new GatewayException(ErrorReason.Superseded, "Another call resumed the session and drives it now."));

    public void OnSessionEnded(ErrorReason error, string reason)
    {
        _ended = new SessionEnded { Error = error, Reason = reason };
        if (Responses.Payloads is null)
        {
            Responses.Complete();
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var first = await _requests.ReadFirstAsync(cancellationToken);
        switch (first?.RequestCase)
        {
            case SpeakRequest.RequestOneofCase.Open:
                ThrowIfForeignApp(first.Open.App);
                var session = await _host.OpenAsync(Requests.ToSettings(first.Open), cancellationToken);
                _lease = session.Attach(this);
                Opened(new SessionOpened());
                Responses.Payloads = first.Open.WithoutPayloads
                    ? null
                    : OpenCursor(session, new Position { Epoch = session.Log.Epoch });
                break;
            case SpeakRequest.RequestOneofCase.Resume:
                Resume(first.Resume);
                break;
            default:
                throw new GatewayException(
                    ErrorReason.SessionNotOpen, "The first request must be open or resume: send one, then audio.")
                {
                    Field = "request",
                };
        }
    }

    // A session under other credentials than those asked for would be a nasty surprise.
    private void ThrowIfForeignApp(string app)
    {
        if (app.Length > 0 && app != _options.MotionServer.AppId)
        {
            throw new GatewayException(
                ErrorReason.AppNotFound, "This gateway does not serve that app: leave it empty for the gateway's own.")
            {
                Field = "open.app",
            };
        }
    }

    private void Resume(ResumeSession resume)
    {
        // The cursor first: a position that cannot be served must not cost the caller its resume token.
        var session = _host.Get(resume.SessionId);
        session.ThrowIfNotResumable(resume.ResumeToken);
        var payloads = resume.WithoutPayloads ? null : OpenCursor(session, resume.Position);
        try
        {
            var (lease, turnId, bytes) = session.Resume(resume.ResumeToken, this);
            _lease = lease;
            Opened(new SessionOpened { Resumed = true, OpenTurnId = turnId, OpenTurnBytes = bytes });
        }
        catch (GatewayException)
        {
            payloads?.Dispose();
            throw;
        }

        Responses.Payloads = payloads;
    }

    private LogReader OpenCursor(Sessions.Session session, Position? position) => position is null
        ? session.Log.OpenReader(FeedStart.CurrentTurn, int.MaxValue, Responses.Wake)
        : session.Log.OpenReader(new LogPosition(position.Epoch, position.Sequence), int.MaxValue, Responses.Wake);

    private void Finish()
    {
        if (_ended is null)
        {
            _lease!.Session.Finish(_lease);
        }
    }

    private void Opened(SessionOpened opened)
    {
        var session = _lease!.Session;
        var token = _tokens.Issue(
            session.Id, Requests.CreateId("viewer"), ViewerPermissions.Interrupt | ViewerPermissions.Talk, _options.ViewerTokenLifetime);
        opened.SessionId = session.Id;
        opened.ResumeToken = _lease.ResumeToken;
        opened.ViewerToken = token.Token;
        opened.ViewerTokenExpireTime = Timestamp.FromDateTimeOffset(token.ExpireTime);
        opened.Position = new Position { Epoch = session.Log.Epoch, Sequence = session.Log.End.Sequence };
        opened.Limits = Requests.ToLimits(session, _options);
        opened.Capabilities.AddRange(session.Capabilities);
        Responses.Post(new SpeakResponse { Opened = opened });
    }

    private void HandleUnlessEnded(SpeakRequest request)
    {
        try
        {
            Handle(request);
        }
        catch (GatewayException fault) when (fault.Reason == ErrorReason.SessionClosed && _ended is not null)
        {
            // The caller had not heard of it yet: it will, by the last message.
        }
    }

    private void Handle(SpeakRequest request)
    {
        var (session, lease) = (_lease!.Session, _lease);
        switch (request.RequestCase)
        {
            case SpeakRequest.RequestOneofCase.Audio:
                Requests.ValidateTurnId("audio.turn_id", request.Audio.TurnId);
                session.WriteAudio(lease, request.Audio.TurnId, request.Audio.Data.Memory, request.Audio.EndTurn);
                break;
            case SpeakRequest.RequestOneofCase.EndTurn:
                session.EndTurn(lease, request.EndTurn.TurnId);
                break;
            case SpeakRequest.RequestOneofCase.Interrupt:
                Requests.ValidateText("interrupt.reason", request.Interrupt.Reason, Requests.MaxReasonBytes);
                var result = session.Interrupt(request.Interrupt.TurnId, request.Interrupt.Reason);
                Responses.Post(new SpeakResponse { InterruptAcknowledged = Requests.ToMessage(result) });
                break;
            case SpeakRequest.RequestOneofCase.PausePlayback:
                session.PausePlayback(lease);
                break;
            case SpeakRequest.RequestOneofCase.ResumePlayback:
                session.ResumePlayback(lease);
                break;
            case SpeakRequest.RequestOneofCase.ViewerMessage:
                Requests.ValidateText("viewer_message.kind", request.ViewerMessage.Kind, Requests.MaxKindBytes);
                Requests.ValidateText("viewer_message.text", request.ViewerMessage.Text, Requests.MaxTextBytes);
                session.Send(lease, request.ViewerMessage);
                break;
            case SpeakRequest.RequestOneofCase.Close:
                Requests.ValidateText("close.reason", request.Close.Reason, Requests.MaxReasonBytes);
                session.Close(ErrorReason.Unspecified, request.Close.Reason);
                break;
            case SpeakRequest.RequestOneofCase.Heartbeat:
                break;
            case SpeakRequest.RequestOneofCase.Open or SpeakRequest.RequestOneofCase.Resume:
                throw Requests.Invalid("request", "The session is open already: open and resume come first, once.");
            default:
                throw Requests.Invalid("request", "The request is empty, or of a kind that this gateway does not know.");
        }
    }

    private SpeakResponse? NextEvent()
    {
        lock (_lock)
        {
            foreach (var (turnId, acknowledged) in _acknowledgements)
            {
                _acknowledgements.Remove(turnId);
                return new SpeakResponse { AudioAcknowledged = acknowledged };
            }

            if (_viewerEvents.TryDequeue(out var viewerEvent))
            {
                viewerEvent = viewerEvent.Clone();
                viewerEvent.LostBefore = _lostViewerEvents;
                _lostViewerEvents = 0;
                return new SpeakResponse { ViewerEvent = viewerEvent };
            }

            return null;
        }
    }

    private SpeakResponse? Closed() => _ended is { } ended ? new SpeakResponse { Closed = ended } : null;
}
