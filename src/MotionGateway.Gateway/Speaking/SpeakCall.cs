using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>One <c>Speak</c>: reads what its caller sends as long as there is credit, and writes through one loop.</summary>
internal sealed class SpeakCall : ISpeaker, IDisposable
{
    private readonly SpeakServices _services;
    private readonly GatewayOptions _options;
    private readonly CallIds _ids;
    private readonly RequestLoop<EncodedSpeakRequest> _requests;
    private readonly SpeakRequests _handler;
    private readonly SpeakEvents _events = new();
    private readonly AsyncSignal _readingResumed = new();
    private readonly Lock _openLock = new();
    private SpeakerLease? _lease;
    private SessionEnded? _ended;
    private bool _isOpen;
    private bool _isFinished;

    public SpeakCall(
        SpeakServices services, IAsyncStreamReader<EncodedSpeakRequest> requests, IServerStreamWriter<EncodedResponse> responses,
        ServerCallContext context)
    {
        _services = services;
        _options = services.Options.CurrentValue;
        _ids = CallIds.Of(context);
        var writer = new BoundedWriter<EncodedResponse>(responses, context, _options.WriteTimeout, services.TimeProvider);
        Responses = new ResponseLoop(writer, _options, services.TimeProvider) { MoreControl = _events.Next, LastMessage = Closed };
        _handler = new SpeakRequests(Responses);
        _requests = new RequestLoop<EncodedSpeakRequest>(
            requests, Responses, new PeerWatch(_options, services.TimeProvider), _options.OpenTimeout,
            services.TimeProvider)
        {
            IsHeartbeat = static request => request.Message is { RequestCase: SpeakRequest.RequestOneofCase.Heartbeat },
            Handle = Handle,
            MayRead = MayReadAsync,
            Completed = Finish,
        };
    }

    public ResponseLoop Responses { get; }

    /// <summary>Serves the call until the session is closed or either side ends.</summary>
    /// <exception cref="GatewayException">The call cannot go on.</exception>
    public async Task RunAsync(CallerFeature caller, CancellationToken cancellationToken)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = Task.CompletedTask;
        try
        {
            var first = (await _requests.ReadFirstAsync(cancellationToken))?.Message;
            switch (first?.RequestCase)
            {
                case SpeakRequest.RequestOneofCase.Open:
                    var session = await OpenAsync(caller, first.Open, cancellationToken);
                    read = _requests.RunAsync(reading.Token);
                    await ConnectAsync(session, first.Open.WithoutPayloads, cancellationToken);
                    break;
                case SpeakRequest.RequestOneofCase.Resume:
                    await ResumeAsync(caller.Caller, first.Resume, cancellationToken);
                    read = _requests.RunAsync(reading.Token);
                    break;
                default:
                    throw new GatewayException(
                        ErrorReason.SessionNotOpen, "The first request must be open or resume: send one, then audio.")
                    {
                        Field = "request",
                    };
            }

            await Responses.RunAsync(cancellationToken);
        }
        finally
        {
            if (_lease is not null)
            {
                _lease.Session.Detach(_lease, _events.CountUntold());
            }

            await reading.CancelAsync();
            _readingResumed.Set();
            await read;
        }
    }

    public void Dispose() => Responses.Dispose();

    public void OnLedgerChanged() => Responses.Wake.Set();

    public void OnReadingResumed() => _readingResumed.Set();

    public void OnViewerEvent(ViewerEvent viewerEvent)
    {
        _events.Add(viewerEvent);
        Responses.Wake.Set();
    }

    public void OnSuperseded() => Responses.Fail(
        new GatewayException(ErrorReason.Superseded, "Another call resumed the session and drives it now."));

    public void OnSessionEnded(ErrorReason error, string reason)
    {
        _ended = new SessionEnded { Error = error, Reason = reason };
        if (Responses.Payloads is null && Volatile.Read(ref _isOpen))
        {
            Responses.Complete();
        }
    }

    private async Task<Sessions.Session> OpenAsync(CallerFeature caller, OpenSession open, CancellationToken cancellationToken)
    {
        // What was in force when the call began may be gone by the time it opens.
        var options = _services.Options.CurrentValue;
        string app = GatewayApps.Choose(caller.Caller, open.App, options);
        var settings = OpenRequest.ToSettings(open, app, options, _services.TimeProvider);
        var session = await OpenAsync(settings with { Caller = caller.Caller.Id, Place = _services.Quotas.Take(caller) }, cancellationToken);
        Lease(session.Attach(this));
        return session;
    }

    private async Task<Sessions.Session> OpenAsync(SessionSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await _services.Host.OpenAsync(settings, cancellationToken);
        }
        catch
        {
            settings.Place?.Dispose();
            throw;
        }
    }

    // What is sent meanwhile is taken: only the answer waits for the Motion Server.
    private async Task ConnectAsync(Sessions.Session session, bool withoutPayloads, CancellationToken cancellationToken)
    {
        await _services.Host.ConnectAsync(session, cancellationToken);
        Opened(new SessionOpened());
        Responses.Payloads = withoutPayloads ? null : OpenCursor(session, new Position { Epoch = session.Log.Epoch });
        bool isFinished;
        lock (_openLock)
        {
            _isOpen = true;
            isFinished = _isFinished;
        }

        if (isFinished)
        {
            session.Finish(_lease!);
        }

        if (withoutPayloads && _ended is not null)
        {
            Responses.Complete();
        }
    }

    private async Task ResumeAsync(Caller caller, ResumeSession resume, CancellationToken cancellationToken)
    {
        // The cursor first: a position that cannot be served must not cost the caller anything.
        _ids.SessionId = resume.SessionId;
        var session = await _services.Access.FindAsync(caller, resume.SessionId, SessionRight.Speak, cancellationToken);
        session.ThrowIfNotResumable(resume.ResumeToken);
        var payloads = resume.WithoutPayloads ? null : OpenCursor(session, resume.Position);
        try
        {
            _isOpen = true;
            var (lease, turns) = session.Resume(resume.ResumeToken, this);
            var open = turns.LastOrDefault(turn => !turn.Complete);
            Lease(lease, resume.LedgerPosition);
            Opened(new SessionOpened
            {
                Resumed = true,
                OpenTurnId = open?.TurnId ?? "",
                OpenTurnBytes = open?.ReceivedBytes ?? 0,
                Turns = { turns },
            });
        }
        catch (GatewayException)
        {
            payloads?.Dispose();
            throw;
        }

        Responses.Payloads = payloads;
    }

    private void Lease(SpeakerLease lease, long ledgerPosition = 0)
    {
        _lease = lease;
        _ids.Session = lease.Session;
        _handler.Start(lease);
        _events.Start(lease.Session, ledgerPosition);
        Responses.Written = lease.Session.OnWritten;
    }

    private LogReader OpenCursor(Sessions.Session session, Position? position) => position is null
        ? session.Log.OpenReader(FeedStart.CurrentTurn, int.MaxValue, Responses.Wake, countsAgainstLimit: false)
        : session.Log.OpenReader(
            new LogPosition(position.Epoch, position.Sequence), int.MaxValue, Responses.Wake, countsAgainstLimit: false);

    private void Finish()
    {
        lock (_openLock)
        {
            _isFinished = true;
            if (!_isOpen)
            {
                return;
            }
        }

        if (_ended is null)
        {
            _lease!.Session.Finish(_lease);
        }
    }

    private void Opened(SessionOpened opened)
    {
        var session = _lease!.Session;
        var token = _services.Keys.Signer.Issue(
            session.Id, Requests.CreateId("viewer"), ViewerPermissions.Interrupt | ViewerPermissions.Talk,
            _services.Options.CurrentValue.ViewerTokenLifetime);
        opened.SessionId = session.Id;
        opened.ResumeToken = _lease.ResumeToken;
        opened.ViewerToken = token.Token;
        opened.ViewerTokenExpireTime = Timestamp.FromDateTimeOffset(token.ExpireTime);
        opened.Position = new Position { Epoch = session.Log.Epoch, Sequence = session.Log.End.Sequence };
        opened.Limits = Requests.ToLimits(session, _options);
        opened.AudioFormat = session.Settings.ToAudioFormat();
        opened.Delivery = session.Settings.ToDelivery();
        opened.Egress = session.Egress?.Room;
        opened.Capabilities.AddRange(session.Capabilities);
        Responses.Begin(new SpeakResponse { Opened = opened });
        _events.Open();
    }

    private void Handle(EncodedSpeakRequest request)
    {
        try
        {
            _handler.Handle(request, _requests.Count);
        }
        catch (GatewayException fault) when (fault.Reason == ErrorReason.SessionClosed && _ended is not null)
        {
            // The caller had not heard of it yet: it will, by the last message.
        }
    }

    private async ValueTask MayReadAsync(CancellationToken cancellationToken)
    {
        while (_lease!.Session.MustStopReading(_lease, out long waiting))
        {
            Responses.Post(new SpeakResponse { ReadingStopped = new ReadingStopped { UnacknowledgedBytes = waiting } });
            await _readingResumed.WaitAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private SpeakResponse? Closed() => _ended is { } ended ? new SpeakResponse { Closed = ended } : null;
}
