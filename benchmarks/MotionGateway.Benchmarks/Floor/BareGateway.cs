using System.Net.WebSockets;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>
/// The gateway's hops with nothing in them: speech from a caller goes to the Motion Server and to the session's feed, motion from there to
/// the same feed. The same messages, by the generated stubs; no log, no positions, no limits, no time.
/// </summary>
internal static class BareGateway
{
    public const string Command = "serve-bare-gateway";

    /// <summary>Streams of one connection: as many as are wanted.</summary>
    private const int MaxStreams = 100_000;

    /// <summary>Serves until the process is killed.</summary>
    public static async Task RunAsync(int port, int motionServer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreams;
            kestrel.Limits.MinResponseDataRate = null;
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new BareSessions());
        builder.Services.AddSingleton(new BareMotionServer(motionServer));
        var app = builder.Build();
        app.MapGrpcService<BareSpeechService>();
        app.MapGrpcService<BareFeedService>();
        await app.RunAsync();
    }
}

/// <summary>Where motion is from.</summary>
internal sealed class BareMotionServer(int port) : IDisposable
{
    private readonly HttpClient _http = new();

    public Task<BareMotionConnection> ConnectAsync() => BareMotionConnection.OpenAsync(_http, port);

    public void Dispose() => _http.Dispose();
}

/// <summary>Speech of callers.</summary>
internal sealed class BareSpeechService(BareSessions sessions, BareMotionServer motionServer) : SpeechService.SpeechServiceBase
{
    public override async Task Speak(
        IAsyncStreamReader<SpeakRequest> requestStream, IServerStreamWriter<SpeakResponse> responseStream, ServerCallContext context)
    {
        await requestStream.MoveNext(CancellationToken.None);
        var session = sessions.Create();
        var motion = await motionServer.ConnectAsync();
        var passing = PassMotionAsync(motion, session);
        try
        {
            await responseStream.WriteAsync(new SpeakResponse { Opened = new SessionOpened { SessionId = session.Id } });
            long bytes = 0;
            while (await requestStream.MoveNext(CancellationToken.None))
            {
                var chunk = requestStream.Current.Audio;
                session.Send(chunk);
                await motion.SendAudioAsync(chunk.TurnId, chunk.Data, chunk.EndTurn);
                bytes += chunk.Data.Length;
                await responseStream.WriteAsync(new SpeakResponse { AudioAcknowledged = new AudioAcknowledged { TurnId = chunk.TurnId, Bytes = bytes } });
            }
        }
        finally
        {
            session.End();
            motion.Dispose();
            await passing;
        }
    }

    private static async Task PassMotionAsync(BareMotionConnection connection, BareSession session)
    {
        try
        {
            while (await connection.ReceiveAsync() is { IsEmpty: false } envelope)
            {
                session.Send(new Motion { Envelope = ByteString.CopyFrom(envelope.Span) });
            }
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The caller has gone.
        }
    }
}

/// <summary>Feeds of sessions, one a session.</summary>
internal sealed class BareFeedService(BareSessions sessions) : FeedService.FeedServiceBase
{
    public override async Task Subscribe(
        IAsyncStreamReader<SubscribeRequest> requestStream, IServerStreamWriter<SubscribeResponse> responseStream, ServerCallContext context)
    {
        await requestStream.MoveNext(CancellationToken.None);
        var session = sessions[requestStream.Current.Start.SessionId];
        await responseStream.WriteAsync(new SubscribeResponse { Started = new FeedStarted { SessionId = session.Id } });
        await foreach (var response in session.Feed)
        {
            await responseStream.WriteAsync(response);
        }
    }
}
