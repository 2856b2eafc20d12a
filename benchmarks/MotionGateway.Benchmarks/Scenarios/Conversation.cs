using Google.Protobuf;
using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>A session with its speaker and one viewer at the relay.</summary>
internal sealed class Conversation : IAsyncDisposable
{
    public const int SampleRate = 16_000;

    private readonly AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> _call;
    private Viewer? _viewer;
    private Task _reading = Task.CompletedTask;

    private Conversation(AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> call) => _call = call;

    public string SessionId { get; private set; } = "";

    public static async Task<Conversation> OpenAsync(
        Deployment deployment, Viewer.OnPayload onPayload, Action<Delivery>? configure = null)
    {
        var conversation = new Conversation(deployment.Speech.Speak());
        var delivery = new Delivery { AudioRelease = AudioRelease.AtOnce };
        configure?.Invoke(delivery);
        await conversation._call.RequestStream.WriteAsync(new SpeakRequest
        {
            Open = new OpenSession
            {
                AvatarId = "benchmark",
                AudioFormat = new AudioFormat { SampleRate = SampleRate },
                Delivery = delivery,
                WithoutPayloads = true,
            },
        });
        await conversation._call.ResponseStream.MoveNext(CancellationToken.None);
        var opened = conversation._call.ResponseStream.Current.Opened;
        conversation.SessionId = opened.SessionId;
        conversation._viewer = await Viewer.StartAsync(deployment.RelayUrl, opened.SessionId, opened.ViewerToken, onPayload);
        conversation._reading = conversation.ReadAsync();
        return conversation;
    }

    public Task SpeakAsync(ByteString speech, string turnId, bool isLast = false) => _call.RequestStream.WriteAsync(new SpeakRequest
    {
        Audio = new AudioChunk { TurnId = turnId, Data = speech, EndTurn = isLast },
    });

    public Task InterruptAsync() => _call.RequestStream.WriteAsync(new SpeakRequest { Interrupt = new Interrupt() });

    /// <summary>Ends the session as a caller does who has said all: one that is only let go of would be kept for its return, and end later.</summary>
    public async ValueTask DisposeAsync()
    {
        await _call.RequestStream.CompleteAsync();
        await _reading;
        _call.Dispose();
        await _viewer!.DisposeAsync();
    }

    /// <summary>Speech that differs everywhere, so loud that lips move.</summary>
    public static ByteString CreateSpeech(TimeSpan duration)
    {
        var speech = new byte[(int)(duration.TotalSeconds * SampleRate) * sizeof(short)];
        new Random(1).NextBytes(speech);
        for (int i = 1; i < speech.Length; i += 2)
        {
            speech[i] = (byte)((speech[i] & 0x1F) - 16);
        }

        return ByteString.CopyFrom(speech);
    }

    // A caller reads: acknowledgements that nobody takes would end the call.
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
