using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>The gRPC service <c>SessionService</c>.</summary>
internal sealed class SessionCalls(
    SessionAccess access, ViewerTokenKeys keys, JoinTokens joinTokens, IOptionsMonitor<GatewayOptions> options,
    OpenCalls calls, TimeProvider timeProvider)
    : CheckedSessionService.CheckedSessionServiceBase
{
    private const int MaxTokenSeconds = 86_400;
    private const int MaxToneMs = 30_000;
    private const int MaxToneHz = 4_000;

    [Needs(SessionRight.Operate)]
    public override async Task<GetSessionResponse> GetSession(GetSessionRequest request, ServerCallContext context) =>
        new() { Session = (await FindAsync(request.SessionId, SessionRight.Operate, context)).Snapshot() };

    [Needs(SessionRight.Operate)]
    public override Task<ListSessionsResponse> ListSessions(ListSessionsRequest request, ServerCallContext context) =>
        Task.FromResult(SessionPages.List(access.List(CallerFeature.Of(context)), request));

    [Needs(SessionRight.Operate)]
    public override async Task WatchSession(
        WatchSessionRequest request, IServerStreamWriter<WatchSessionResponse> responseStream, ServerCallContext context)
    {
        var session = await FindAsync(request.SessionId, SessionRight.Operate, context);
        var entry = calls.Add(context);
        using var responses = new BoundedWriter<WatchSessionResponse>(responseStream, context, options.CurrentValue.WriteTimeout, timeProvider);
        await new SessionWatch(session, responses, options.CurrentValue, timeProvider).RunAsync(context.CancellationToken);
        entry.IsComplete = true;
    }

    [Needs(SessionRight.Operate)]
    public override async Task<InterruptSessionResponse> InterruptSession(InterruptSessionRequest request, ServerCallContext context)
    {
        Requests.ValidateName("turn_id", request.TurnId);
        Requests.ValidateText("reason", request.Reason, Requests.MaxReasonBytes);
        var scope = Requests.ValidateEnum("scope", request.Scope);
        var session = await FindAsync(request.SessionId, SessionRight.Operate, context);
        var result = session.Interrupt(request.TurnId, scope, request.Reason, Requests.ToPosition(request.Position));
        return new InterruptSessionResponse { Interrupted = Requests.ToMessage(result) };
    }

    [Needs(SessionRight.Operate)]
    public override async Task<CloseSessionResponse> CloseSession(CloseSessionRequest request, ServerCallContext context)
    {
        Requests.ValidateText("reason", request.Reason, Requests.MaxReasonBytes);
        var session = await FindAsync(request.SessionId, SessionRight.Operate, context);
        if (request.WhenHeard)
        {
            session.CloseWhenHeard();
        }
        else
        {
            session.Close(ErrorReason.Unspecified, request.Reason);
        }

        return new CloseSessionResponse { Session = session.Snapshot() };
    }

    [Needs(SessionRight.IssueTokens)]
    public override async Task<CreateViewerTokenResponse> CreateViewerToken(CreateViewerTokenRequest request, ServerCallContext context)
    {
        if (request.LifetimeSeconds is < 0 or > MaxTokenSeconds)
        {
            throw Requests.Invalid("lifetime_seconds", $"The lifetime is 0 to {MaxTokenSeconds} seconds.");
        }

        Requests.ValidateText("viewer_id", request.ViewerId, Requests.MaxNameBytes);
        var session = await FindAsync(request.SessionId, SessionRight.IssueTokens, context);
        var permissions = (request.MayInterrupt ? ViewerPermissions.Interrupt : 0) | (request.MayTalk ? ViewerPermissions.Talk : 0);
        var lifetime = request.LifetimeSeconds == 0
            ? options.CurrentValue.ViewerTokenLifetime
            : TimeSpan.FromSeconds(request.LifetimeSeconds);
        string viewerId = request.ViewerId.Length > 0 ? request.ViewerId : Requests.CreateId("viewer");
        var token = keys.Signer.Issue(session.Id, viewerId, permissions, lifetime);
        return new CreateViewerTokenResponse
        {
            ViewerToken = token.Token,
            ExpireTime = Timestamp.FromDateTimeOffset(token.ExpireTime),
            ViewerId = token.ViewerId,
        };
    }

    [Needs(SessionRight.Read, OrViewerToken = true)]
    public override async Task<CreateViewerTicketResponse> CreateViewerTicket(CreateViewerTicketRequest request, ServerCallContext context)
    {
        const string tokenField = "viewer_token";
        Requests.ValidateText("reader_id", request.ReaderId, Requests.MaxNameBytes);

        // The token is the right to it, whichever gateway the session is at.
        var viewer = await keys.Verifier.VerifyAsync(request.ViewerToken, request.SessionId, tokenField);
        string asked = viewer.ChooseReaderId(request.ReaderId, tokenField);
        string readerId = asked.Length > 0 ? asked : Requests.CreateId("reader");
        var ticket = keys.Signer.IssueTicket(viewer, readerId);
        return new CreateViewerTicketResponse
        {
            Ticket = ticket.Token,
            ExpireTime = Timestamp.FromDateTimeOffset(ticket.ExpireTime),
            ReaderId = readerId,
        };
    }

    [Needs(SessionRight.IssueTokens, OrViewerToken = true)]
    public override async Task<CreateJoinTokenResponse> CreateJoinToken(CreateJoinTokenRequest request, ServerCallContext context)
    {
        if (request.ViewerToken.Length > 0)
        {
            return await joinTokens.CreateForViewerAsync(request, context.CancellationToken);
        }

        CallerFeature.Find(context).Require(SessionRight.IssueTokens);
        return joinTokens.Create(await FindAsync(request.SessionId, SessionRight.IssueTokens, context), request);
    }

    [Needs(SessionRight.Read)]
    public override Task<GetViewerTokenKeysResponse> GetViewerTokenKeys(GetViewerTokenKeysRequest request, ServerCallContext context) =>
        Task.FromResult(new GetViewerTokenKeysResponse { Jwks = keys.Signer.GetJwks() });

    [Needs(SessionRight.Operate)]
    public override async Task<SayTestToneResponse> SayTestTone(SayTestToneRequest request, ServerCallContext context)
    {
        if (request.DurationMs is < 0 or > MaxToneMs)
        {
            throw Requests.Invalid("duration_ms", $"The duration is 0 to {MaxToneMs} ms.");
        }

        if (request.FrequencyHz is < 0 or > MaxToneHz)
        {
            throw Requests.Invalid("frequency_hz", $"The frequency is 0 to {MaxToneHz} Hz.");
        }

        var session = await FindAsync(request.SessionId, SessionRight.Operate, context);
        var duration = TimeSpan.FromMilliseconds(request.DurationMs == 0 ? 1000 : request.DurationMs);
        int frequency = request.FrequencyHz == 0 ? 220 : request.FrequencyHz;
        string turnId = Requests.CreateId("tone");
        session.Say(turnId, TestTone.Create(session.Settings.SampleRate, duration, frequency));
        return new SayTestToneResponse { TurnId = turnId };
    }

    private async ValueTask<Sessions.Session> FindAsync(string sessionId, SessionRight right, ServerCallContext context)
    {
        var session = await access.FindAsync(CallerFeature.Of(context), sessionId, right, context.CancellationToken);
        CallIds.Of(context).Session = session;
        return session;
    }
}
