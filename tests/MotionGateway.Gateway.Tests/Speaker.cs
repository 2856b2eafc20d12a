using Google.Protobuf;
using Grpc.Core;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>The caller's side of one <c>Speak</c>, step by step.</summary>
public sealed class Speaker : IDisposable
{
    private readonly AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> _call;

    private Speaker(AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> call) => _call = call;

    public SessionOpened Opened { get; private set; } = new();

    /// <summary>All that has been received, in order.</summary>
    public List<SpeakResponse> Received { get; } = [];

    public static async Task<Speaker> OpenAsync(SpeechService.SpeechServiceClient client, Action<OpenSession>? configure = null)
    {
        var open = new OpenSession { AvatarId = "avatar-1", AudioFormat = new AudioFormat { SampleRate = 16000 } };
        configure?.Invoke(open);
        return await StartAsync(client, new SpeakRequest { Open = open });
    }

    public static async Task<Speaker> StartAsync(SpeechService.SpeechServiceClient client, SpeakRequest first)
    {
        var speaker = new Speaker(client.Speak());
        await speaker.SendAsync(first);
        speaker.Opened = (await speaker.WaitForAsync(response => response.Opened is not null)).Opened;
        return speaker;
    }

    public static Speaker Start(SpeechService.SpeechServiceClient client) => new(client.Speak());

    /// <summary>Sends a request; a call that has ended says why where it is read.</summary>
    public Task SendAsync(SpeakRequest request) => _call.RequestStream.WriteUnlessEndedAsync(request);

    public Task SendAudioAsync(byte[] pcm, string turnId = "", bool end = false) => SendAsync(new SpeakRequest
    {
        Audio = new AudioChunk { TurnId = turnId, Data = ByteString.CopyFrom(pcm), EndTurn = end },
    });

    public async Task SayAsync(byte[] pcm, string turnId = "", int chunkBytes = 3200)
    {
        for (int from = 0; from < pcm.Length; from += chunkBytes)
        {
            int length = Math.Min(chunkBytes, pcm.Length - from);
            await SendAudioAsync(pcm[from..(from + length)], turnId, from + length == pcm.Length);
        }
    }

    public Task FinishAsync() => _call.RequestStream.CompleteAsync();

    /// <summary>Reads on until a response matches.</summary>
    public async Task<SpeakResponse> WaitForAsync(Func<SpeakResponse, bool> condition)
    {
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        while (await _call.ResponseStream.MoveNext(limit.Token))
        {
            var response = _call.ResponseStream.Current;
            Received.Add(response);
            if (condition(response))
            {
                return response;
            }
        }

        throw new InvalidOperationException(
            $"The stream ended with {_call.GetStatus()} after {string.Join(", ", Received.Select(r => r.ResponseCase))}.");
    }

    /// <summary>Reads on to the end of the stream.</summary>
    public async Task<Status> WaitForEndAsync()
    {
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        try
        {
            while (await _call.ResponseStream.MoveNext(limit.Token))
            {
                Received.Add(_call.ResponseStream.Current);
            }
        }
        catch (RpcException fault)
        {
            return fault.Status;
        }

        return _call.GetStatus();
    }

    public void Dispose() => _call.Dispose();
}
