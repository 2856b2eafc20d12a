using System.Diagnostics;
using Grpc.Net.Client;
using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Speaking;
using MotionGateway.V1;

namespace MotionGateway.Cli.Demo;

/// <summary>A session with both of its ends: who speaks, and a viewer that sees it through the relay.</summary>
internal sealed class DemoSession : IAsyncDisposable
{
    private const string AvatarId = "demo-avatar";
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

    /// <summary>Hertz.</summary>
    public int SampleRate { get; private init; }

    /// <summary>The viewer.</summary>
    public DemoViewer Viewer => _viewer;

    /// <summary>Bytes of speech sent.</summary>
    public long AudioBytesSent { get; private set; }

    /// <summary>Ends when the session is closed; fails when either end of it does.</summary>
    public Task Running { get; }

    /// <summary>Opens a session and a viewer of it.</summary>
    public static async Task<DemoSession> OpenAsync(
        DemoServices services, int sampleRate, bool isRealTime, DemoView view, CancellationToken cancellationToken)
    {
        var channel = GrpcChannel.ForAddress(services.GatewayUrl);
        SpeechStream? stream = null;
        try
        {
            var open = new OpenSession
            {
                AvatarId = AvatarId,
                AudioFormat = new AudioFormat { SampleRate = sampleRate },
                WithoutPayloads = true,
                Labels = { ["started-by"] = "demo" },
            };
            stream = await SpeechStream.OpenAsync(
                new SpeechService.SpeechServiceClient(channel), new SpeakRequest { Open = open }, view.OnSpeech, cancellationToken);
            var viewer = new DemoViewer(services.RelayUrl, stream.Opened.SessionId, stream.Opened.ViewerToken, view);
            var session = new DemoSession(channel, stream, viewer, isRealTime) { SampleRate = sampleRate };
            await Task.WhenAny(viewer.Started, session.Running).WaitAsync(cancellationToken);
            return session;
        }
        catch
        {
            await (stream?.DisposeAsync() ?? ValueTask.CompletedTask);
            channel.Dispose();
            throw;
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

        // What is wrong with an earlier turn is wrong with the stream.
        string turnId = $"turn-{++_said}";
        (var before, _saying) = (_saying, SayAsync(turnId, samples));
        await before;
        return turnId;
    }

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

    private async Task SayAsync(string turnId, ReadOnlyMemory<byte> samples)
    {
        try
        {
            _viewer.Expect(turnId, Stopwatch.GetTimestamp());
            var ended = _viewer.WaitForEndAsync(turnId);
            using var stream = new MemoryStream(samples.ToArray());
            var pcm = new PcmStream(stream, turnId, SampleRate, samples.Length);
            long before = AudioBytesSent;
            var sender = new SpeechSender(_stream)
            {
                IsRealTime = _isRealTime,
                IsOver = () => ended.IsCompleted,
                OnProgress = sent => AudioBytesSent = before + sent,
            };
            await sender.SendAsync(turnId, pcm, _end.Token);
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
