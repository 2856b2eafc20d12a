using System.Diagnostics;
using Grpc.Net.Client;
using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Demo.Agent;
using MotionGateway.Cli.Speaking;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Cli.Demo;

/// <summary>A session with both of its ends: who speaks, and a viewer that sees it through the relay.</summary>
internal sealed class DemoSession : IAnsweringSession, IAsyncDisposable
{
    /// <summary>Avatar of the demo's sessions.</summary>
    public const string AvatarId = "demo-avatar";
    private const int MaxUnendedTurns = 8;

    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _speaking = new(1, 1);
    private readonly GrpcChannel _channel;
    private readonly SessionService.SessionServiceClient _sessions;
    private readonly DemoViewer _viewer;
    private readonly SpeechStream _stream;
    private readonly bool _isRealTime;
    private Task _saying = Task.CompletedTask;
    private int _said;
    private int _disposed;

    private DemoSession(GrpcChannel channel, SpeechStream stream, DemoViewer viewer, bool isRealTime)
    {
        _channel = channel;
        _sessions = new SessionService.SessionServiceClient(channel);
        _stream = stream;
        _viewer = viewer;
        _isRealTime = isRealTime;
        Running = RunAsync();
    }

    /// <summary>Its id.</summary>
    public string SessionId => _stream.Opened.SessionId;

    /// <summary>What the gateway told when it opened the session.</summary>
    public SessionOpened Opened => _stream.Opened;

    /// <inheritdoc />
    public int SampleRate { get; private init; }

    /// <summary>The viewer.</summary>
    public DemoViewer Viewer => _viewer;

    /// <summary>Bytes of speech sent.</summary>
    public long AudioBytesSent { get; private set; }

    /// <summary>Ends when the session is closed; fails when either end of it does.</summary>
    public Task Running { get; }

    /// <summary>Opens a session and a viewer of it.</summary>
    /// <param name="services">Where.</param>
    /// <param name="speech">How it speaks.</param>
    /// <param name="view">Shows what happens.</param>
    /// <param name="agent">Answers what viewers say.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DemoSession> OpenAsync(
        DemoServices services, DemoSpeech speech, DemoView view, DemoAgent agent, CancellationToken cancellationToken)
    {
        var channel = GatewayChannel.ForAddress(services.GatewayUrl);
        SpeechStream? stream = null;
        try
        {
            var open = new OpenSession
            {
                AvatarId = AvatarId,
                AudioFormat = new AudioFormat { SampleRate = speech.SampleRate },
                Delivery = speech.Delivery,
                WithoutPayloads = true,
                Labels = { ["started-by"] = "demo" },
            };
            stream = await SpeechStream.OpenAsync(
                new SpeechService.SpeechServiceClient(channel), new SpeakRequest { Open = open }, Listen, cancellationToken);
            var viewer = new DemoViewer(services.RelayUrl, stream.Opened.SessionId, stream.Opened.ViewerToken, view);
            var session = new DemoSession(channel, stream, viewer, speech.IsRealTime) { SampleRate = speech.SampleRate };
            await Task.WhenAny(viewer.Started, session.Running).WaitAsync(cancellationToken);
            agent.Start(session);
            return session;
        }
        catch
        {
            await (stream?.DisposeAsync() ?? ValueTask.CompletedTask);
            channel.Dispose();
            throw;
        }

        void Listen(SpeakResponse response)
        {
            view.OnSpeech(response);
            agent.OnSpeech(response);
        }
    }

    /// <summary>Begins to say something as a turn of its own, once what is being said has been said.</summary>
    /// <param name="samples">Mono signed 16-bit little-endian samples at the session's rate.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The turn's id; null when too many turns wait to be heard.</returns>
    public async Task<string?> BeginAsync(ReadOnlyMemory<byte> samples, CancellationToken cancellationToken)
    {
        await _speaking.WaitAsync(cancellationToken);
        if (_said - _viewer.EndedTurns >= MaxUnendedTurns)
        {
            _speaking.Release();
            return null;
        }

        return await BeginLockedAsync(samples);
    }

    /// <inheritdoc />
    public async Task<string> SayInsteadAsync(ReadOnlyMemory<byte> samples, CancellationToken cancellationToken)
    {
        // Before it is this turn's go: who speaks in real time stops when its turn has been ended.
        await SendAsync(new SpeakRequest { Interrupt = new Interrupt { Reason = "an answer" } }, cancellationToken);
        await _speaking.WaitAsync(cancellationToken);
        return await BeginLockedAsync(samples);
    }

    /// <inheritdoc />
    public Task TellViewersAsync(string kind, string text, CancellationToken cancellationToken) =>
        SendAsync(new SpeakRequest { ViewerMessage = new ViewerMessage { Kind = kind, Text = text } }, cancellationToken);

    /// <summary>Waits until the viewer has seen a turn end.</summary>
    /// <exception cref="CommandException">The session or the viewer failed before.</exception>
    public async Task WaitForEndAsync(string turnId, CancellationToken cancellationToken)
    {
        var ended = _viewer.WaitForEndAsync(turnId);
        await Task.WhenAny(ended, Running).WaitAsync(cancellationToken);
        if (!ended.IsCompleted)
        {
            await Running;
            throw new CommandException("The session was closed before the turn had ended.");
        }
    }

    /// <summary>Makes a token for a further viewer.</summary>
    public async Task<string> CreateViewerTokenAsync(CancellationToken cancellationToken)
    {
        var request = new CreateViewerTokenRequest { SessionId = SessionId, MayInterrupt = true, MayTalk = true };
        return (await _sessions.CreateViewerTokenAsync(request, cancellationToken: cancellationToken)).ViewerToken;
    }

    /// <summary>Closes the session and waits until the viewer has seen that.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _stream.CloseAsync("the demo is over", cancellationToken);
        await Running.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _end.CancelAsync();
        await _stream.DisposeAsync();
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _saying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _channel.Dispose();
        _end.Dispose();
        _speaking.Dispose();
    }

    // To give up a write that has begun would end the whole call, and the session with it.
    private Task SendAsync(SpeakRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _stream.WriteAsync(request, _end.Token);
    }

    // Who says something has the semaphore, and gives it back when all of it has been sent.
    private async Task<string> BeginLockedAsync(ReadOnlyMemory<byte> samples)
    {
        // What is wrong with an earlier turn is wrong with the stream.
        string turnId = $"turn-{++_said}";
        (var before, _saying) = (_saying, SayAsync(turnId, samples));
        await before;
        return turnId;
    }

    private async Task SayAsync(string turnId, ReadOnlyMemory<byte> samples)
    {
        try
        {
            _viewer.Expect(turnId, Stopwatch.GetTimestamp());
            var ended = _viewer.WaitForEndAsync(turnId);
            var speech = SpeechInput.OfPcm(samples, SampleRate);
            long before = AudioBytesSent;
            var sender = new SpeechSender(_stream)
            {
                IsRealTime = _isRealTime,
                IsOver = () => ended.IsCompleted,
                OnProgress = sent => AudioBytesSent = before + sent,
            };
            await sender.SendAsync(turnId, speech, _end.Token);
        }
        finally
        {
            _speaking.Release();
        }
    }

    // A session whose speaker failed is not waited for by a viewer.
    private async Task RunAsync()
    {
        using var viewing = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var seen = _viewer.RunAsync(viewing.Token);
        var first = await Task.WhenAny(seen, _stream.Completion);
        if (first == _stream.Completion && !_stream.Completion.IsCompletedSuccessfully)
        {
            await viewing.CancelAsync();
            await ((Task)seen).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _stream.Completion;
        }

        await seen;
    }
}
