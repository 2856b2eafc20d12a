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

    public string SessionId => Opened.SessionId;

    /// <summary>All that has been received, in order.</summary>
    public List<SpeakResponse> Received { get; } = [];

    /// <summary>Requests sent.</summary>
    public long Sent { get; private set; }

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

    /// <summary>Resumes the session with this call's token, in another call; this call's payloads are the last ones seen.</summary>
    public Task<Speaker> ResumeAsync(SpeechService.SpeechServiceClient client, Action<ResumeSession>? configure = null)
    {
        var resume = new ResumeSession { SessionId = SessionId, ResumeToken = Opened.ResumeToken };
        if (Received.FindLast(response => response.Payload is not null)?.Payload is { } last)
        {
            resume.Position = new Position { Epoch = last.Epoch, Sequence = last.Sequence };
        }

        configure?.Invoke(resume);
        return StartAsync(client, new SpeakRequest { Resume = resume });
    }

    /// <summary>Sends a request; a call that has ended says why where it is read.</summary>
    public Task SendAsync(SpeakRequest request)
    {
        Sent++;
        return _call.RequestStream.WriteUnlessEndedAsync(request);
    }

    public Task SendAudioAsync(byte[] pcm, string turnId = "", bool end = false) => SendAsync(new SpeakRequest
    {
        Audio = new AudioChunk { TurnId = turnId, Data = ByteString.CopyFrom(pcm), EndTurn = end },
    });

    public Task EndTurnAsync(string turnId = "") => SendAsync(new SpeakRequest { EndTurn = new EndTurn { TurnId = turnId } });

    /// <summary>Interrupts, and waits for the answer.</summary>
    public async Task<InterruptAcknowledged> InterruptAsync(
        string turnId = "", InterruptScope scope = InterruptScope.Unspecified, string reason = "")
    {
        await SendAsync(new SpeakRequest { Interrupt = new Interrupt { TurnId = turnId, Scope = scope, Reason = reason } });
        return (await WaitForAsync(response => response.InterruptAcknowledged is not null)).InterruptAcknowledged;
    }

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

    /// <summary>What the first response that matches says, received already or not.</summary>
    public async Task<T> FindAsync<T>(Func<SpeakResponse, T?> select)
        where T : class =>
        Received.Select(select).FirstOrDefault(found => found is not null)
        ?? select(await WaitForAsync(response => select(response) is not null))!;

    /// <summary>How a turn ended.</summary>
    public Task<TurnEnded> TurnEndedAsync(string turnId) =>
        FindAsync(response => response.Payload?.TurnId == turnId ? response.Payload.TurnEnded : null);

    /// <summary>What is told of a turn when it has ended.</summary>
    public Task<TurnReport> TurnReportAsync(string turnId) =>
        FindAsync(response => response.TurnReport?.TurnId == turnId ? response.TurnReport : null);

    /// <summary>Reads on until so many bytes of a turn are acknowledged.</summary>
    public Task<AudioAcknowledged> AcknowledgedAsync(string turnId, long bytes) => FindAsync(
        response => response.AudioAcknowledged?.TurnId == turnId && response.AudioAcknowledged.Bytes == bytes ? response.AudioAcknowledged : null);

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

    /// <summary>Reads on to the end of the stream, which is a failure.</summary>
    public async Task<RpcException> WaitForFailureAsync() =>
        await Assert.ThrowsAsync<RpcException>(() => WaitForAsync(_ => false));

    public void Dispose() => _call.Dispose();
}
