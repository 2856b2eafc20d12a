using Grpc.Core;
using Grpc.Net.Client;
using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Demo.Agent;
using MotionGateway.Cli.Speaking;
using MotionGateway.EdgeRelay;
using MotionGateway.V1;

namespace MotionGateway.Cli.Demo;

/// <summary>The session of one viewer that came without a token: says the clip when it is asked to, and answers what the viewer says.</summary>
internal sealed class DemoArrival : IDemoSession, IAnsweringSession
{
    private const int MaxUnendedTurns = 4;
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);

    private readonly DemoClip _clip;
    private readonly DemoSpeech _speech;
    private readonly DemoAgent _agent;
    private readonly Action _left;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private SpeechStream _stream = null!;

    // All below is guarded by the lock.
    private readonly HashSet<string> _unended = [];
    private Task _saying = Task.CompletedTask;
    private int _said;
    private bool _isDisposed;

    private DemoArrival(DemoClip clip, DemoSpeech speech, DemoAgent agent, Action left) =>
        (_clip, _speech, _agent, _left) = (clip, speech, agent, left);

    /// <inheritdoc/>
    public string SessionId => _stream.Opened.SessionId;

    /// <inheritdoc/>
    public string ViewerToken { get; private set; } = "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Clips => [_clip.Name];

    /// <inheritdoc/>
    public int SampleRate => _speech.SampleRate;

    /// <summary>Opens a session, and makes a token that permits everything.</summary>
    /// <param name="channel">The gateway.</param>
    /// <param name="clip">What is said.</param>
    /// <param name="speech">How.</param>
    /// <param name="agent">Answers what the viewer says; ends with the session.</param>
    /// <param name="left">Called once, when the viewer has left.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">The gateway refuses, or cannot be reached.</exception>
    /// <exception cref="RpcException">It makes no token.</exception>
    public static async Task<DemoArrival> OpenAsync(
        GrpcChannel channel, DemoClip clip, DemoSpeech speech, DemoAgent agent, Action left, CancellationToken cancellationToken)
    {
        var arrival = new DemoArrival(clip, speech, agent, left);
        var open = new OpenSession
        {
            AvatarId = DemoSession.AvatarId,
            AudioFormat = new AudioFormat { SampleRate = speech.SampleRate },
            Delivery = speech.Delivery,
            WithoutPayloads = true,
            Labels = { ["started-by"] = "demo", ["for"] = "published-client" },
        };
        arrival._stream = await SpeechStream.OpenAsync(
            new SpeechService.SpeechServiceClient(channel), new SpeakRequest { Open = open }, arrival.OnResponse, cancellationToken);
        try
        {
            var request = new CreateViewerTokenRequest { SessionId = arrival.SessionId, MayInterrupt = true, MayTalk = true };
            var token = await new SessionService.SessionServiceClient(channel)
                .CreateViewerTokenAsync(request, cancellationToken: cancellationToken);
            arrival.ViewerToken = token.ViewerToken;
            agent.Start(arrival);
            return arrival;
        }
        catch
        {
            await arrival._stream.DisposeAsync();
            arrival._end.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TrySay(string clip)
    {
        lock (_lock)
        {
            if (_isDisposed || _unended.Count >= MaxUnendedTurns || _stream.Completion.IsCompleted)
            {
                return false;
            }

            SayLocked(_saying, _clip.Samples);
            return true;
        }
    }

    /// <inheritdoc/>
    public async Task<string> SayInsteadAsync(ReadOnlyMemory<byte> samples, CancellationToken cancellationToken)
    {
        string turnId;
        Task stopping;
        lock (_lock)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What is on its way, or waits for it, is over: who sends it stops.
            _unended.Clear();
            stopping = InterruptAsync(_saying);
            turnId = SayLocked(stopping, samples);
        }

        await stopping.WaitAsync(cancellationToken);
        return turnId;
    }

    /// <inheritdoc/>
    public Task TellViewersAsync(string kind, string text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _stream.WriteAsync(new SpeakRequest { ViewerMessage = new ViewerMessage { Kind = kind, Text = text } }, _end.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        await _agent.DisposeAsync();
        await _end.CancelAsync();
        await LastSaid();
        await CloseAsync();
        await _stream.DisposeAsync();
        _end.Dispose();
        _left();
    }

    // Nothing more is said once it is disposed of, and its agent is.
    private Task LastSaid()
    {
        lock (_lock)
        {
            return _saying;
        }
    }

    private void OnResponse(SpeakResponse response)
    {
        if (response.TurnReport is { } report)
        {
            lock (_lock)
            {
                _unended.Remove(report.TurnId);
            }
        }

        _agent.OnSpeech(response);
    }

    private string SayLocked(Task before, ReadOnlyMemory<byte> samples)
    {
        string turnId = $"turn-{++_said}";
        _unended.Add(turnId);
        _saying = SayAsync(before, turnId, samples);
        return turnId;
    }

    // Not before the turn at hand is no longer sent: what came of it behind the interrupt would be heard.
    private async Task InterruptAsync(Task before)
    {
        await before;
        await Task.Yield();
        await _stream.WriteAsync(new SpeakRequest { Interrupt = new Interrupt { Reason = "an answer" } }, _end.Token);
    }

    private async Task SayAsync(Task before, string turnId, ReadOnlyMemory<byte> samples)
    {
        try
        {
            await before;
            await Task.Yield();
            var sender = new SpeechSender(_stream) { IsRealTime = _speech.IsRealTime, IsOver = () => HasEnded(turnId) };
            await sender.SendAsync(turnId, SpeechInput.OfPcm(samples, SampleRate), _end.Token);
        }
        catch (Exception failure) when (failure is OperationCanceledException or CommandException or RpcException)
        {
            // The session is over, which its viewer is told by its feed.
        }
    }

    private bool HasEnded(string turnId)
    {
        lock (_lock)
        {
            return !_unended.Contains(turnId);
        }
    }

    private async Task CloseAsync()
    {
        using var limit = new CancellationTokenSource(CloseLimit);
        try
        {
            await _stream.CloseAsync("the viewer left", limit.Token);
        }
        catch (Exception failure) when (failure is OperationCanceledException or CommandException or RpcException)
        {
            // The gateway is gone, and the session with it.
        }
    }
}
