using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1;
using MotionGateway.Testing;
using MotionGateway.V1;
using Alpha = Grpc.Reflection.V1Alpha;

namespace MotionGateway.Gateway.Tests;

/// <summary>Every call that a gateway takes, made by some caller for some session.</summary>
internal sealed class GatewayCalls(CallInvoker caller)
{
    private readonly SessionService.SessionServiceClient _sessions = new(caller);

    /// <summary>A viewer token that is shown where a request has a place for one.</summary>
    public string ViewerToken { get; init; } = "";

    /// <summary>The way of a caller to a gateway.</summary>
    /// <param name="channel">To the gateway.</param>
    /// <param name="credential">What the caller shows; null: nothing.</param>
    public static CallInvoker As(GrpcChannel channel, string? credential) => channel.Intercept(metadata =>
    {
        if (credential is not null)
        {
            metadata.Add("authorization", $"Bearer {credential}");
        }

        return metadata;
    });

    /// <summary>Makes a call, by its row in the documentation.</summary>
    /// <returns>What there is to say of the answer; empty when it is an answer and nothing more.</returns>
    /// <exception cref="RpcException">The call was refused.</exception>
    public async Task<string> MakeAsync(string row, SessionOpened session)
    {
        string id = session.SessionId;
        switch (row)
        {
            case "motiongateway.v1.SpeechService/Speak, open":
                return await SpeakAsync(new SpeakRequest { Open = new OpenSession { AvatarId = "avatar-1", AudioFormat = new AudioFormat { SampleRate = 16000 } } });
            case "motiongateway.v1.SpeechService/Speak, resume":
                return await SpeakAsync(new SpeakRequest { Resume = new ResumeSession { SessionId = id, ResumeToken = session.ResumeToken } });
            case "motiongateway.v1.FeedService/Subscribe":
                return await ReadAsync(
                    new FeedService.FeedServiceClient(caller).Subscribe(),
                    new SubscribeRequest { Start = new StartFeed { SessionId = id, ViewerToken = ViewerToken } });
            case "motiongateway.v1.SessionService/WatchSession":
                using (var watch = _sessions.WatchSession(new WatchSessionRequest { SessionId = id }))
                {
                    await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout();
                    return "";
                }

            case "motiongateway.v1.SessionService/ListSessions":
                var listed = await _sessions.ListSessionsAsync(new ListSessionsRequest());
                return listed.Sessions.Any(known => known.SessionId == id) ? "" : "its own";
            case "grpc.health.v1.Health/Watch":
                using (var watch = new Health.HealthClient(caller).Watch(new HealthCheckRequest()))
                {
                    await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout();
                    return "";
                }

            case "grpc.reflection.v1.ServerReflection/ServerReflectionInfo":
                return await ReadAsync(
                    new ServerReflection.ServerReflectionClient(caller).ServerReflectionInfo(), new ServerReflectionRequest { ListServices = "" });
            case "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo":
                return await ReadAsync(
                    new Alpha.ServerReflection.ServerReflectionClient(caller).ServerReflectionInfo(),
                    new Alpha.ServerReflectionRequest { ListServices = "" });
            default:
                await MakeUnaryAsync(row, id);
                return "";
        }
    }

    private Task<string> SpeakAsync(SpeakRequest first) => ReadAsync(new SpeechService.SpeechServiceClient(caller).Speak(), first);

    private static async Task<string> ReadAsync<TRequest, TResponse>(AsyncDuplexStreamingCall<TRequest, TResponse> call, TRequest first)
    {
        using (call)
        {
            await call.RequestStream.WriteUnlessEndedAsync(first);
            return await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout() ? "" : "nothing";
        }
    }

    private Task MakeUnaryAsync(string row, string id) => row switch
    {
        "grpc.health.v1.Health/Check" => new Health.HealthClient(caller).CheckAsync(new HealthCheckRequest()).ResponseAsync,
        "motiongateway.v1.SessionService/GetSession" => _sessions.GetSessionAsync(new() { SessionId = id }).ResponseAsync,
        "motiongateway.v1.SessionService/InterruptSession" => _sessions.InterruptSessionAsync(new() { SessionId = id }).ResponseAsync,
        "motiongateway.v1.SessionService/CloseSession" => _sessions.CloseSessionAsync(new() { SessionId = id }).ResponseAsync,
        "motiongateway.v1.SessionService/SayTestTone" =>
            _sessions.SayTestToneAsync(new() { SessionId = id, DurationMs = 40 }).ResponseAsync,
        "motiongateway.v1.SessionService/CreateViewerToken" => _sessions.CreateViewerTokenAsync(new() { SessionId = id }).ResponseAsync,
        "motiongateway.v1.SessionService/CreateViewerTicket" =>
            _sessions.CreateViewerTicketAsync(new() { SessionId = id, ViewerToken = ViewerToken }).ResponseAsync,
        "motiongateway.v1.SessionService/CreateJoinToken" =>
            _sessions.CreateJoinTokenAsync(new() { SessionId = id, ViewerToken = ViewerToken }).ResponseAsync,
        "motiongateway.v1.SessionService/GetViewerTokenKeys" => _sessions.GetViewerTokenKeysAsync(new()).ResponseAsync,
        _ => throw new NotSupportedException($"How is {row} called? Say it here."),
    };
}
