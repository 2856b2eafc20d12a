using Google.Protobuf;
using Grpc.Core;
using MotionGateway.Cli.Output;
using MotionGateway.V1;

namespace MotionGateway.Cli.Speaking;

/// <summary>
/// A <c>Speak</c> call: sends speech within the credit that the gateway gives, tells it that the caller is there, and
/// hands over what comes back.
/// </summary>
internal sealed class SpeechStream : IAsyncDisposable
{
    private readonly AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> _call;
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SpeechCredit _credit = new();
    private readonly TaskCompletionSource<SessionOpened> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<SpeakResponse> _onResponse;
    private Task _reading = Task.CompletedTask;
    private Task _beating = Task.CompletedTask;
    private int _disposed;

    private SpeechStream(SpeechService.SpeechServiceClient client, Action<SpeakResponse> onResponse)
    {
        _onResponse = onResponse;
        _call = client.Speak(cancellationToken: _end.Token);
    }

    /// <summary>What the gateway told when it opened the session.</summary>
    public SessionOpened Opened => _opened.Task.Result;

    /// <summary>Ends when the session is closed; fails with what the gateway answered.</summary>
    public Task Completion => _reading;

    /// <summary>Opens or resumes a session.</summary>
    /// <param name="client">The gateway.</param>
    /// <param name="first">An open or a resume request.</param>
    /// <param name="onResponse">Is given every response, one at a time; must not throw.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">The gateway refuses, or cannot be reached.</exception>
    public static async Task<SpeechStream> OpenAsync(
        SpeechService.SpeechServiceClient client, SpeakRequest first, Action<SpeakResponse> onResponse, CancellationToken cancellationToken)
    {
        var stream = new SpeechStream(client, onResponse);
        try
        {
            stream._reading = stream.ReadAsync();
            await stream.WriteAsync(first, cancellationToken);
            var opened = await stream._opened.Task.WaitAsync(cancellationToken);
            stream._beating = stream.BeatAsync(TimeSpan.FromMilliseconds(Math.Max(1000, opened.Limits.HeartbeatIntervalMs)));
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends speech, as soon as the gateway has room for it.</summary>
    /// <param name="turnId">The turn.</param>
    /// <param name="samples">Bytes; at most what <c>Limits.max_chunk_bytes</c> allows.</param>
    /// <param name="isLast">Also ends the turn.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SendAudioAsync(string turnId, ReadOnlyMemory<byte> samples, bool isLast, CancellationToken cancellationToken)
    {
        var room = _credit.TakeAsync(turnId, samples.Length, cancellationToken);
        await Task.WhenAny(room, _reading);
        if (!room.IsCompleted)
        {
            await ThrowEndedAsync();
        }

        await room;
        var audio = new AudioChunk { TurnId = turnId, Data = ByteString.CopyFrom(samples.Span), EndTurn = isLast };
        await WriteAsync(new SpeakRequest { Audio = audio }, cancellationToken);
    }

    /// <summary>Sends any other request.</summary>
    public async Task WriteAsync(SpeakRequest request, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _call.RequestStream.WriteAsync(request, cancellationToken);
        }
        catch (Exception failure) when (failure is RpcException or InvalidOperationException or IOException or HttpRequestException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            await ThrowEndedAsync();
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Closes the session and waits for the gateway's last word.</summary>
    public async Task CloseAsync(string reason, CancellationToken cancellationToken)
    {
        await WriteAsync(new SpeakRequest { Close = new CloseSession { Reason = reason } }, cancellationToken);
        await _reading.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _end.CancelAsync();
        await ((Task)Task.WhenAll(_reading, _beating)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _call.Dispose();
        _end.Dispose();
        _writing.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
                Handle(_call.ResponseStream.Current);
            }

            _opened.TrySetException(new CommandException("The gateway ended the call before it opened the session."));
        }
        catch (RpcException failure)
        {
            var told = Failures.ToException(failure);
            _opened.TrySetException(told);
            throw told;
        }
        finally
        {
            // Nobody has to wait for the opening: its failure is also that of the reading.
            _ = _opened.Task.Exception;
        }
    }

    private void Handle(SpeakResponse response)
    {
        switch (response.ResponseCase)
        {
            case SpeakResponse.ResponseOneofCase.Opened:
                _credit.Grant(response.Opened.Limits.AudioCreditBytes);
                _opened.TrySetResult(response.Opened);
                break;
            case SpeakResponse.ResponseOneofCase.AudioAcknowledged:
                _credit.Acknowledge(response.AudioAcknowledged.TurnId, response.AudioAcknowledged.Bytes);
                break;
            default:
                break;
        }

        _onResponse(response);
    }

    private async Task BeatAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                await WriteAsync(new SpeakRequest { Heartbeat = new Heartbeat() }, _end.Token);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or CommandException or RpcException)
        {
            // The call is over: reading tells why.
        }
    }

    // A write breaks with the call; the reason is what reading ends with.
    private async Task ThrowEndedAsync()
    {
        await _reading;
        throw new CommandException("The session is closed.");
    }
}
