using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>One <c>Subscribe</c>: a cursor into a session's log, and the way up for what viewers do.</summary>
internal sealed class SubscribeCall : IDisposable
{
    /// <summary>How long a server that goes away waits for a reader to have read the end.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private readonly FeedServices _services;
    private readonly GatewayOptions _options;
    private readonly CallIds _ids;
    private readonly RequestLoop<SubscribeRequest> _requests;
    private readonly TaskCompletionSource _endAcknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Sessions.Session? _session;
    private ViewerTerm? _term;
    private Task _renewing = Task.CompletedTask;

    public SubscribeCall(
        FeedServices services, IAsyncStreamReader<SubscribeRequest> requests, IServerStreamWriter<EncodedResponse> responses,
        ServerCallContext context)
    {
        _services = services;
        _options = services.Options.CurrentValue;
        _ids = CallIds.Of(context);
        var writer = new BoundedWriter<EncodedResponse>(responses, context, _options.WriteTimeout, services.TimeProvider);
        Responses = new ResponseLoop(writer, _options, services.TimeProvider)
        {
            TurnHeartbeatInterval = _options.EffectiveTurnHeartbeatInterval,
        };
        _requests = new RequestLoop<SubscribeRequest>(
            requests, Responses, new PeerWatch(_options, services.TimeProvider), _options.OpenTimeout,
            services.TimeProvider)
        {
            IsHeartbeat = request => request.RequestCase == SubscribeRequest.RequestOneofCase.Heartbeat,
            Handle = HandleOrRefuse,
            // What the viewer may do is known when its newer token has been verified.
            MayRead = _ => new ValueTask(_renewing),
            // No end with the requests: a reader that has nothing more to say goes on reading.
        };
    }

    public ResponseLoop Responses { get; }

    /// <summary>Serves the feed until the session is closed or either side ends.</summary>
    /// <exception cref="GatewayException">The feed cannot begin, or not go on.</exception>
    public async Task RunAsync(CallerFeature caller, CancellationToken cancellationToken)
    {
        var start = await ReadStartAsync(cancellationToken);
        _ids.SessionId = start.SessionId;
        _session = await FindAsync(caller, start, cancellationToken);
        _ids.Session = _session;
        string asked = _term?.Viewer.ChooseReaderId(start.ReaderId, ViewerTokens.StartField) ?? start.ReaderId;
        string readerId = asked.Length > 0 ? asked : Requests.CreateId("reader");
        (_ids.ViewerId, _ids.ReaderId) = (_term?.Viewer.ViewerId, readerId);
        var name = new ReaderName(_session.Id, _term?.Viewer.ViewerId ?? "", readerId);
        int window = start.WithoutAcknowledgements ? int.MaxValue : _session.Limits.ReaderWindowBytes;
        var older = _services.Readers.Find(name);
        using var place = _session.AddReader(takesAPlace: older is not null);
        var reader = OpenReader(_session, start, window, older);
        Responses.Begin(new SubscribeResponse { Started = CreateStarted(_session, readerId, reader, window) });
        Responses.Written = _session.OnWritten;
        Responses.WasTooSlow = _services.Metrics.ReaderTooSlow;
        Responses.Payloads = reader;

        // The older feed of this name ends now that this one has begun.
        using var entry = _services.Readers.Add(name, reader, Responses);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = _requests.RunAsync(reading.Token);
        try
        {
            await Responses.RunAsync(cancellationToken);
            await LetTheEndBeReadAsync(start, cancellationToken);
        }
        finally
        {
            await reading.CancelAsync();
            await read;
        }
    }

    public void Dispose()
    {
        _term?.Dispose();
        Responses.Dispose();
    }

    // A process that ends resets a connection on which something has come that it has not read, such as an acknowledgement: what its
    // peer has not read by then is lost.
    private async Task LetTheEndBeReadAsync(StartFeed start, CancellationToken cancellationToken)
    {
        if (_services.Calls.IsGoingAway && !start.WithoutAcknowledgements)
        {
            await _endAcknowledged.Task.WaitAsync(EndLimit, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<StartFeed> ReadStartAsync(CancellationToken cancellationToken)
    {
        var first = await _requests.ReadFirstAsync(cancellationToken);
        if (first is not { RequestCase: SubscribeRequest.RequestOneofCase.Start })
        {
            throw Requests.Invalid("request", "The first request must be start: name the session.");
        }

        Requests.ValidateText("start.reader_id", first.Start.ReaderId, Requests.MaxNameBytes);
        return first.Start;
    }

    private async ValueTask<Sessions.Session> FindAsync(CallerFeature caller, StartFeed start, CancellationToken cancellationToken)
    {
        if (start.ViewerToken.Length == 0)
        {
            caller.Require(SessionRight.Read);
            return await _services.Access.FindAsync(caller.Caller, start.SessionId, SessionRight.Read, cancellationToken);
        }

        var viewer = await _services.Keys.Verifier.VerifyAsync(start.ViewerToken, start.SessionId, ViewerTokens.StartField);
        _term = new ViewerTerm(viewer, _services.Keys, Responses, _services.TimeProvider);
        return await _services.Access.FindForViewerAsync(start.SessionId, ViewerTokens.StartField, cancellationToken);
    }

    private LogReader OpenReader(Sessions.Session session, StartFeed start, int window, LogReader? replaces)
    {
        var policy = Requests.ValidateEnum("start.slow_reader_policy", start.SlowReaderPolicy);
        if (start.FromCase == StartFeed.FromOneofCase.Position)
        {
            return session.Log.OpenReader(
                new LogPosition(start.Position.Epoch, start.Position.Sequence), window, Responses.Wake, policy, replaces: replaces);
        }

        var from = Requests.ValidateEnum("start.start", start.Start);
        return session.Log.OpenReader(from, window, Responses.Wake, session.HeardSamples ?? 0, policy, replaces: replaces);
    }

    private FeedStarted CreateStarted(Sessions.Session session, string readerId, LogReader reader, int window) => new()
    {
        SessionId = session.Id,
        ReaderId = readerId,
        Position = new Position { Epoch = reader.Position.Epoch, Sequence = reader.Position.Sequence },
        LastSequence = session.Log.End.Sequence,
        AvatarId = session.Settings.AvatarId,
        SampleRate = session.Settings.SampleRate,
        AudioEncoding = session.Settings.AudioEncoding,
        AppId = session.App.AppId,
        HeartbeatIntervalMs = (int)_options.HeartbeatInterval.TotalMilliseconds,
        TurnHeartbeatIntervalMs = (int)_options.EffectiveTurnHeartbeatInterval.TotalMilliseconds,
        WindowBytes = window,
        Permissions = { (_term?.Viewer.Permissions ?? ViewerPermissionNames.All).ToMessages() },
        ExpiresAt = _term is { } term ? Timestamp.FromDateTimeOffset(term.Viewer.ExpireTime) : null,
        SlowReaderPolicy = reader.Policy,
    };

    private void HandleOrRefuse(SubscribeRequest request)
    {
        try
        {
            Handle(request);
        }
        catch (GatewayException fault)
        {
            Refuse(fault);
        }
    }

    private void Refuse(GatewayException fault) => Responses.Post(new SubscribeResponse
    {
        Refused = new RequestRefused
        {
            Request = _requests.Count,
            Reason = fault.Reason,
            Field = fault.Field ?? "",
            Message = fault.Message,
        },
    });

    private async Task RenewOrRefuseAsync(ViewerTerm term, string token)
    {
        try
        {
            await term.RenewAsync(token);
        }
        catch (GatewayException fault)
        {
            Refuse(fault);
        }
    }

    private void Handle(SubscribeRequest request)
    {
        switch (request.RequestCase)
        {
            case SubscribeRequest.RequestOneofCase.Acknowledge:
                var position = request.Acknowledge.Position ?? throw Requests.Invalid(
                    "acknowledge.position", "The position is required.");
                Responses.Payloads!.Acknowledge(new LogPosition(position.Epoch, position.Sequence));
                if (_session!.Log.IsComplete && position.Sequence >= _session.Log.End.Sequence)
                {
                    _endAcknowledged.TrySetResult();
                }

                break;
            case SubscribeRequest.RequestOneofCase.ViewerEvent:
                Handle(request.ViewerEvent);
                break;
            case SubscribeRequest.RequestOneofCase.RenewToken:
                var term = _term ?? throw Requests.Invalid("renew_token", "The feed has no viewer token that could be renewed.");
                _renewing = RenewOrRefuseAsync(term, request.RenewToken.ViewerToken);
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
        if (_term?.Viewer is { } viewer)
        {
            viewerEvent.ViewerId = viewer.ViewerId;
            viewerEvent.LostBefore = 0;
            Requests.ThrowIfNotPermitted(viewer, viewerEvent);
        }

        Requests.Validate(viewerEvent);
        _session!.ViewerEvent(viewerEvent);
    }
}
