using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>The gRPC service <c>SessionService</c>.</summary>
internal sealed class SessionCalls(
    SessionHost host, ViewerTokenSigner tokens, IOptions<GatewayOptions> options, TimeProvider timeProvider,
    IHostApplicationLifetime lifetime, ILogger<SessionCalls> logger)
    : SessionService.SessionServiceBase
{
    private const int DefaultPageSize = 100;
    private const int MaxPageSize = 1000;
    private const int MaxTokenSeconds = 86_400;
    private const int MaxToneMs = 30_000;
    private const int MaxToneHz = 4_000;
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(100);

    public override Task<GetSessionResponse> GetSession(GetSessionRequest request, ServerCallContext context) =>
        Answer(() => new GetSessionResponse { Session = host.Get(request.SessionId).Snapshot() }, context);

    public override Task<ListSessionsResponse> ListSessions(ListSessionsRequest request, ServerCallContext context) =>
        Answer(() => List(request), context);

    public override Task WatchSession(
        WatchSessionRequest request, IServerStreamWriter<WatchSessionResponse> responseStream, ServerCallContext context) =>
        GatewayErrors.AnswerAsync(
            async () =>
            {
                await WatchAsync(host.Get(request.SessionId), responseStream, context.CancellationToken);
                return true;
            },
            logger, context);

    public override Task<InterruptSessionResponse> InterruptSession(
        InterruptSessionRequest request, ServerCallContext context) =>
        Answer(
            () =>
            {
                Requests.ValidateText("reason", request.Reason, Requests.MaxReasonBytes);
                var result = host.Get(request.SessionId).Interrupt(request.TurnId, request.Reason);
                return new InterruptSessionResponse { Interrupted = Requests.ToMessage(result) };
            },
            context);

    public override Task<CloseSessionResponse> CloseSession(CloseSessionRequest request, ServerCallContext context) =>
        Answer(
            () =>
            {
                Requests.ValidateText("reason", request.Reason, Requests.MaxReasonBytes);
                var session = host.Get(request.SessionId);
                session.Close(ErrorReason.Unspecified, request.Reason);
                return new CloseSessionResponse { Session = session.Snapshot() };
            },
            context);

    public override Task<CreateViewerTokenResponse> CreateViewerToken(
        CreateViewerTokenRequest request, ServerCallContext context) =>
        Answer(() => CreateToken(request), context);

    public override Task<GetViewerTokenKeysResponse> GetViewerTokenKeys(
        GetViewerTokenKeysRequest request, ServerCallContext context) =>
        Answer(() => new GetViewerTokenKeysResponse { Jwks = tokens.GetJwks() }, context);

    public override Task<SayTestToneResponse> SayTestTone(SayTestToneRequest request, ServerCallContext context) =>
        Answer(() => SayTone(request), context);

    private Task<T> Answer<T>(Func<T> call, ServerCallContext context) =>
        GatewayErrors.AnswerAsync(() => Task.FromResult(call()), logger, context);

    private ListSessionsResponse List(ListSessionsRequest request)
    {
        if (request.PageSize is < 0 or > MaxPageSize)
        {
            throw Requests.Invalid("page_size", $"The page size is 0 to {MaxPageSize}.");
        }

        // The token is the last id of the page before: ids go by age, and a session that has gone leaves its place.
        int size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var matching = host.Sessions.Select(session => session.Snapshot()).Where(session => Matches(session, request));
        var rest = request.PageToken.Length == 0
            ? matching
            : matching.Where(session => string.CompareOrdinal(PageKey(session), request.PageToken) > 0);
        var page = rest.Take(size + 1).ToList();
        var response = new ListSessionsResponse { Sessions = { page.Take(size) } };
        if (page.Count > size)
        {
            response.NextPageToken = PageKey(page[size - 1]);
        }

        return response;
    }

    private static string PageKey(V1.Session session) =>
        $"{session.CreateTime.ToDateTimeOffset().UtcTicks:x16}-{session.SessionId}";

    private static bool Matches(V1.Session session, ListSessionsRequest request) =>
        (request.State == SessionState.Unspecified || session.State == request.State)
        && request.Labels.All(label => session.Labels.TryGetValue(label.Key, out string? value) && value == label.Value);

    private async Task WatchAsync(
        Sessions.Session session, IServerStreamWriter<WatchSessionResponse> responses, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var changed = new AsyncSignal();
        using var watching = session.Watch(changed);
        await using var registration = ending.Token.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), changed);
        while (true)
        {
            var snapshot = session.Snapshot();
            await responses.WriteAsync(new WatchSessionResponse { Session = snapshot }, cancellationToken);
            if (snapshot.State == SessionState.Closed)
            {
                return;
            }

            // A busy session changes with every chunk: watchers are told at a pace that a person can follow.
            await Task.Delay(WatchInterval, timeProvider, ending.Token);
            await changed.WaitAsync();
            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                throw new GatewayException(ErrorReason.ShuttingDown, "This gateway shuts down: call again.");
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private CreateViewerTokenResponse CreateToken(CreateViewerTokenRequest request)
    {
        if (request.LifetimeSeconds is < 0 or > MaxTokenSeconds)
        {
            throw Requests.Invalid("lifetime_seconds", $"The lifetime is 0 to {MaxTokenSeconds} seconds.");
        }

        Requests.ValidateTurnId("viewer_id", request.ViewerId);
        var session = host.Get(request.SessionId);
        var permissions = (request.MayInterrupt ? ViewerPermissions.Interrupt : 0) | (request.MayTalk ? ViewerPermissions.Talk : 0);
        var lifetime = request.LifetimeSeconds == 0
            ? options.Value.ViewerTokenLifetime
            : TimeSpan.FromSeconds(request.LifetimeSeconds);
        string viewerId = request.ViewerId.Length > 0 ? request.ViewerId : Requests.CreateId("viewer");
        var token = tokens.Issue(session.Id, viewerId, permissions, lifetime);
        return new CreateViewerTokenResponse
        {
            ViewerToken = token.Token,
            ExpireTime = Timestamp.FromDateTimeOffset(token.ExpireTime),
            ViewerId = token.ViewerId,
        };
    }

    private SayTestToneResponse SayTone(SayTestToneRequest request)
    {
        if (request.DurationMs is < 0 or > MaxToneMs)
        {
            throw Requests.Invalid("duration_ms", $"The duration is 0 to {MaxToneMs} ms.");
        }

        if (request.FrequencyHz is < 0 or > MaxToneHz)
        {
            throw Requests.Invalid("frequency_hz", $"The frequency is 0 to {MaxToneHz} Hz.");
        }

        var session = host.Get(request.SessionId);
        var duration = TimeSpan.FromMilliseconds(request.DurationMs == 0 ? 1000 : request.DurationMs);
        int frequency = request.FrequencyHz == 0 ? 220 : request.FrequencyHz;
        byte[] tone = TestTone.Create(session.Settings.SampleRate, duration, frequency);
        return new SayTestToneResponse { TurnId = session.Say(Requests.CreateId("tone"), tone) };
    }
}
