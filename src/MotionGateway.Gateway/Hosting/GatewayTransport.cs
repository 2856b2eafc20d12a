using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace MotionGateway.Gateway;

/// <summary>
/// What Kestrel and the gRPC server need for many long streams on one connection. Their defaults are made for short calls.
/// </summary>
internal static class GatewayTransport
{
    /// <summary>
    /// Bytes of one request. As many as every gRPC client sends by default, and more than a sentence in one message: 25 s at
    /// 48 kHz are 2.4 MB.
    /// </summary>
    public const int MaxRequestBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of speech in one request, beside which there is room for its other fields.</summary>
    public const int MaxChunkBytes = MaxRequestBytes - 1024;

    /// <summary>
    /// Streams of one connection at one time. A relay has one per session that it follows and one per viewer that catches
    /// up; clients open another connection for more. Kestrel takes twice as many that were reset and are not over for an
    /// attack, and ends the connection.
    /// </summary>
    public const int MaxStreamsPerConnection = 1000;

    /// <summary>
    /// Bytes that one stream may be sent ahead of its reader, and so in one round trip: a sentence of 2.4 MB takes a second
    /// from a caller who is 100 ms away.
    /// </summary>
    public const int StreamWindowBytes = 256 * 1024;

    /// <summary>
    /// Bytes that one connection may be sent ahead of its streams' readers: twice what all of them can hold together, so that
    /// streams which are not read never hold up another.
    /// </summary>
    public const int ConnectionWindowBytes = 2 * MaxStreamsPerConnection * StreamWindowBytes;

    // A peer that froze is noticed, and a proxy between does not take the connection for idle.
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(20);

    public static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            endpoint.Use(AddBudget);
        });
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
        kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        kestrel.Limits.Http2.KeepAlivePingDelay = PingInterval;
        kestrel.Limits.Http2.KeepAlivePingTimeout = PingInterval;
        // Kestrel would end a whole connection for one stream that is not read; streams have a time limit of their own.
        kestrel.Limits.MinResponseDataRate = null;
    }

    // Connections are few, and each carries many streams: a buffer that waits for what comes spares asking whether something has.
    public static void Configure(SocketTransportOptions sockets) => sockets.WaitForDataBeforeAllocatingBuffer = false;

    public static void Configure(GrpcServiceOptions grpc)
    {
        grpc.MaxReceiveMessageSize = MaxRequestBytes;
        grpc.Interceptors.Add<ErrorInterceptor>();
    }

    /// <summary>Bounds what the unfinished requests of a connection hold, and for how long. Comes before the services.</summary>
    /// <param name="app">The gateway.</param>
    /// <param name="timeout">How long one request may take to come.</param>
    public static void UseRequestBudgets(this WebApplication app, TimeSpan timeout)
    {
        var timeProvider = app.Services.GetRequiredService<TimeProvider>();
        app.Use(async (context, next) =>
        {
            var budget = context.Features.GetRequiredFeature<RequestBudget>();
            using var body = new BoundedRequestBody(context.Request.BodyReader, budget, timeout, timeProvider);
            context.Features.Set<IRequestBodyPipeFeature>(body);
            await next(context);
        });
    }

    private static ConnectionDelegate AddBudget(ConnectionDelegate next) => async connection =>
    {
        using var budget = new RequestBudget();
        connection.Features.Set(budget);
        await next(connection);
    };
}
