using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// The feeds of published AvatarKit clients, which append their paths to any address that a person types: <c>/d/{token}</c> for a viewer
/// token's session, and, in a demo, no prefix for a session that is made on arrival.
/// </summary>
internal static class PublishedEndpoints
{
    private const string Prefix = "/d/{token}";

    private static readonly Dictionary<string, PublishedFrames> Kinds = new()
    {
        ["/ws/agent"] = new(new AgentKind()),
        ["/host"] = new(new HostJsonKind()),
        ["/host/binary"] = new(new HostBinaryKind(isRaw: false)),
        ["/host/raw"] = new(new HostBinaryKind(isRaw: true)),
    };

    public static void Map(WebApplication app)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Connect];
        bool isDemo = app.Services.GetService<IDemoSessions>() is not null;
        foreach (var (path, frames) in Kinds)
        {
            app.MapMethods(Prefix + path, methods, (HttpContext context, string token) =>
                WithPlaceAsync(context, app.Services, services => ServeAsync(context, frames, token, demo: null, services)));
            if (isDemo)
            {
                app.MapMethods(path, methods, (HttpContext context) =>
                    WithPlaceAsync(context, app.Services, services => ServeDemoAsync(
                        context, frames, app.Services.GetRequiredService<IDemoSessions>(), services)));
            }
        }

        MapConfig(app, isDemo);
        app.MapGet(Prefix + "/healthz", HealthEndpoints.AnswerAsync).RequireCors(FeedCors.Policy);
    }

    private static void MapConfig(WebApplication app, bool isDemo)
    {
        // A client that saves its form is answered with what is true.
        string[] methods = [HttpMethods.Get, HttpMethods.Post];
        const string path = "/api/config";
        app.MapMethods(Prefix + path, methods, (HttpContext context, string token, ViewerServices services) =>
            WriteConfigAsync(context, token, services)).Admit(isRated: true).RequireCors(FeedCors.Policy);
        if (isDemo)
        {
            app.MapMethods(path, methods, (HttpContext context, IDemoSessions demo, ViewerServices services) =>
                WriteConfigAsync(context, new PublishedSession(
                    "", demo.AppId, demo.AvatarId, services.Options.PublishedFeedRegion, demo.Clips)))
                .RequireCors(FeedCors.Policy);
        }
    }

    // The services are the application's: a request's own would be kept for as long as its viewer stays.
    private static async Task WithPlaceAsync(HttpContext context, IServiceProvider services, Func<ViewerServices, Task> serve)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await FeedEndpoint.RefuseAsync(
                context, StatusCodes.Status400BadRequest, "This address is a WebSocket feed; connect with a WebSocket client.");
        }
        else if (services.GetRequiredService<ViewerAdmission>().TryAdmit(context, out var place) is { } refusal)
        {
            await FeedEndpoint.RefuseAsync(context, refusal);
        }
        else
        {
            using (place)
            {
                await serve(services.GetRequiredService<ViewerServices>());
            }
        }
    }

    private static async Task ServeDemoAsync(
        HttpContext context, PublishedFrames frames, IDemoSessions demo, ViewerServices services)
    {
        IDemoSession? session;
        try
        {
            session = await demo.OpenAsync(context.RequestAborted);
        }
        catch (IOException)
        {
            session = null;
        }

        if (session is null)
        {
            await FeedEndpoint.RefuseAsync(
                context, new(StatusCodes.Status503ServiceUnavailable, "The demo can open no further session now.", ViewerAdmission.LongPause));
            return;
        }

        await using (session)
        {
            await ServeAsync(context, frames, session.ViewerToken, session, services);
        }
    }

    private static async Task ServeAsync(
        HttpContext context, PublishedFrames frames, string token, IDemoSession? demo, ViewerServices services)
    {
        // These clients send nothing while they listen: the socket itself asks whether they are there.
        var accept = new WebSocketAcceptContext
        {
            DangerousEnableCompression = false,
            KeepAliveInterval = services.Options.HeartbeatInterval,
            KeepAliveTimeout = services.Options.PeerTimeout,
        };
        var start = new StartFeed { ViewerToken = token, Start = frames.Kind.Start, WithoutAcknowledgements = true };
        var worker = services.Workers.Next();
        using var format = new PublishedFormat(frames, start, services.Options, demo, () => worker.Now);
        var socket = await context.WebSockets.AcceptWebSocketAsync(accept);
        await ViewerConnection.ServeAsync(
            ViewerTokens.ReadSessionId(token) ?? "", new WebSocketTransport(socket, format, services.Options), format, worker,
            frames.Kind.AwaitsStart ? null : start, services, viewer => format.Wake = viewer.Post);
    }

    private static async Task WriteConfigAsync(HttpContext context, string token, ViewerServices services)
    {
        try
        {
            string sessionId = ViewerTokens.ReadSessionId(token) ?? "";
            await services.Keys.VerifyAsync(token, sessionId, ViewerTokens.StartField, context.RequestAborted);
            var (_, session) = await ViewerRequest.VisitAsync(context, sessionId, services);
            await WriteConfigAsync(context, new PublishedSession(
                sessionId, session.AppId, session.AvatarId, services.Options.PublishedFeedRegion, []));
        }
        catch (GatewayException failure)
        {
            await HttpFailure.WriteAsync(context, failure);
        }
    }

    private static async Task WriteConfigAsync(HttpContext context, PublishedSession session)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(PublishedConfig.Write(session), context.RequestAborted);
    }
}
