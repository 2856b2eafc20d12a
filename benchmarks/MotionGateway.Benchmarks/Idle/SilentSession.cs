using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>A session that nobody speaks in.</summary>
internal sealed class SilentSession : IAsyncDisposable
{
    private readonly AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> _call;
    private readonly SessionOpened _opened;
    private readonly Task _reading;
    private RawViewer? _viewer;

    private SilentSession(AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> call, SessionOpened opened)
    {
        _call = call;
        _opened = opened;
        _reading = ReadAsync();
    }

    public static async Task<SilentSession> OpenAsync(Deployment deployment)
    {
        var call = deployment.Speech.Speak();
        await call.RequestStream.WriteAsync(new SpeakRequest
        {
            Open = new OpenSession
            {
                AvatarId = "benchmark",
                AudioFormat = new AudioFormat { SampleRate = Conversation.SampleRate },
                WithoutPayloads = true,
            },
        });
        await call.ResponseStream.MoveNext(CancellationToken.None);
        return new SilentSession(call, call.ResponseStream.Current.Opened);
    }

    /// <summary>Connects its one viewer at the relay.</summary>
    public async Task WatchAsync(Deployment deployment)
    {
        var start = new StartFeed { SessionId = _opened.SessionId, ViewerToken = _opened.ViewerToken };
        string path = $"/v1/sessions/{_opened.SessionId}/feed";
        _viewer = await RawViewer.ConnectAsync(deployment.RelayUrl.Port, path, new SubscribeRequest { Start = start }, static (_, _) => { });
    }

    public async ValueTask DisposeAsync()
    {
        await (_viewer?.DisposeAsync() ?? ValueTask.CompletedTask);
        _call.Dispose();
        await _reading;
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        }
        catch (RpcException)
        {
            // The scenario is over.
        }
    }
}
