using System.Globalization;
using System.Threading.Channels;
using MotionGateway.Cli.Audio;
using MotionGateway.V1;

namespace MotionGateway.Cli.Demo.Agent;

/// <summary>
/// Answers what viewers say: what was spoken is said back, what was typed is spoken. It is one thing at a time, and the newest: an
/// answer that is under way makes room for the next. Captions go to all viewers as messages of the kind <see cref="Transcript.Kind"/>,
/// and what an answer is not as those of the kind <see cref="RemarkKind"/>.
/// </summary>
internal sealed class DemoAgent : IAsyncDisposable
{
    /// <summary>Kind of the viewer messages that are plain text for people.</summary>
    public const string RemarkKind = "remark";

    private const int MaxTextLength = 500;

    private readonly Channel<ViewerSaid> _said = Channel.CreateBounded<ViewerSaid>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly CancellationTokenSource _end = new();
    private readonly MicrophoneListener _microphones;
    private readonly DemoClip _clip;
    private readonly IVoice? _voice;
    private readonly Action<string> _onProblem;
    private Task _answering = Task.CompletedTask;
    private int _disposed;

    /// <summary>Makes one that listens, and answers from <see cref="Start"/> on.</summary>
    /// <param name="clip">What is said where nothing can speak a text.</param>
    /// <param name="voice">What speaks texts; null where this machine has no such program.</param>
    /// <param name="onProblem">Is told of an answer that could not be given.</param>
    /// <param name="time">The clock.</param>
    public DemoAgent(DemoClip clip, IVoice? voice, Action<string> onProblem, TimeProvider time)
    {
        (_clip, _voice, _onProblem) = (clip, voice, onProblem);
        _microphones = new MicrophoneListener(spoken => _said.Writer.TryWrite(new ViewerSaid(null, spoken)), time);
    }

    /// <summary>Takes what the gateway tells the speaker. Does not wait, and does not throw.</summary>
    public void OnSpeech(SpeakResponse response)
    {
        switch (response.ViewerEvent)
        {
            case { EventCase: ViewerEvent.EventOneofCase.Text } typed when !string.IsNullOrWhiteSpace(typed.Text):
                _said.Writer.TryWrite(new ViewerSaid(Shorten(typed.Text.Trim()), null));
                break;
            case { EventCase: ViewerEvent.EventOneofCase.MicrophoneAudio } spoken:
                _microphones.Hear(spoken.ViewerId, spoken.MicrophoneAudio);
                break;
            default:
                break;
        }
    }

    /// <summary>Begins to answer, in a session; once.</summary>
    public void Start(IAnsweringSession session) => _answering = AnswerAllAsync(session, _end.Token);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _microphones.Dispose();
            await _end.CancelAsync();
            await _answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _end.Dispose();
        }
    }

    private static string Shorten(string text) => text.Length <= MaxTextLength ? text : $"{text[..(MaxTextLength - 1)].TrimEnd()}…";

    private async Task AnswerAllAsync(IAnsweringSession session, CancellationToken cancellationToken)
    {
        CancellationTokenSource? current = null;
        var answer = Task.CompletedTask;
        try
        {
            await foreach (var said in _said.Reader.ReadAllAsync(cancellationToken))
            {
                // Where nothing was said there is nothing newer.
                await (said.IsNothing ? Task.CompletedTask : current?.CancelAsync() ?? Task.CompletedTask);
                await answer;
                current?.Dispose();
                current = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                answer = TryAnswerAsync(session, said, current.Token);
            }
        }
        finally
        {
            await answer;
            current?.Dispose();
        }
    }

    // One answer that fails does not keep the next from being given.
    private async Task TryAnswerAsync(IAnsweringSession session, ViewerSaid said, CancellationToken cancellationToken)
    {
        try
        {
            await (said switch
            {
                { IsNothing: true } => session.TellViewersAsync(RemarkKind, "Nothing was heard: the microphone was silent.", cancellationToken),
                { Spoken: { } spoken } => AnswerAsync(session, spoken, cancellationToken),
                _ => AnswerAsync(session, said.Text!, cancellationToken),
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Something newer was said, or the demo ends.
        }
        catch (CommandException failure)
        {
            _onProblem($"The agent could not answer: {failure.Message}");
        }
        catch (Exception failure)
        {
            _onProblem($"The agent could not answer: {failure}");
        }
    }

    private static async Task AnswerAsync(IAnsweringSession session, Utterance spoken, CancellationToken cancellationToken)
    {
        string length = spoken.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        await session.TellViewersAsync(Transcript.Kind, new Transcript("viewer", $"({length} s of speech)").ToJson(), cancellationToken);
        var samples = await SpeechInput.OfPcm(spoken.Samples, spoken.SampleRate).DecodeAsync(session.SampleRate, "What was said", cancellationToken);
        string turnId = await session.SayInsteadAsync(samples, cancellationToken);
        await session.TellViewersAsync(Transcript.Kind, new Transcript("avatar", $"(says {length} s of speech back)", turnId).ToJson(), cancellationToken);
    }

    private async Task AnswerAsync(IAnsweringSession session, string text, CancellationToken cancellationToken)
    {
        await session.TellViewersAsync(Transcript.Kind, new Transcript("viewer", text).ToJson(), cancellationToken);
        if (_voice is null)
        {
            await SayClipAsync(session, "espeak-ng is not installed on the demo's machine: the bundled clip is said in place of the text.", cancellationToken);
            return;
        }

        ReadOnlyMemory<byte> samples;
        try
        {
            samples = await _voice.SpeakAsync(text, session.SampleRate, cancellationToken);
        }
        catch (CommandException failure)
        {
            _onProblem(failure.Message);
            await SayClipAsync(session, "The text could not be spoken: the bundled clip is said in its place.", cancellationToken);
            return;
        }

        int most = (int)UtteranceRecorder.Longest.TotalSeconds * session.SampleRate * sizeof(short);
        string turnId = await session.SayInsteadAsync(samples[..Math.Min(samples.Length, most)], cancellationToken);
        await session.TellViewersAsync(Transcript.Kind, new Transcript("avatar", text, turnId).ToJson(), cancellationToken);
    }

    private async Task SayClipAsync(IAnsweringSession session, string remark, CancellationToken cancellationToken)
    {
        await session.TellViewersAsync(RemarkKind, remark, cancellationToken);
        await session.SayInsteadAsync(_clip.Samples, cancellationToken);
    }
}
